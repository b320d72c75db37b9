"""What makes a text no script: PowerShell's own words and identifiers for it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from hvsim_fakes.powershell.language.extent import Extent

FOREACH: Final = "The correct form is: foreach ($a in $b) {{...}}"
TEXTS: Final = {
    "AmpersandNotAllowed": "The ampersand (&) character is not allowed. The & operator is reserved "
    'for future use; wrap an ampersand in double quotation marks ("&") to pass it as part of a '
    "string.",
    "DuplicateFormalParameter": "Duplicate parameter ${0} in parameter list.",
    "DuplicateKeyInHashLiteral": "Duplicate keys '{0}' are not allowed in hash literals.",
    "EmptyPipeElement": "An empty pipe element is not allowed.",
    "EndSquareBracketExpectedAtEndOfAttribute": "Missing ] at end of attribute or type literal.",
    "ExpectedExpression": "An expression was expected after '{0}'.",
    "ExpectedValueExpression": "You must provide a value expression following the '{0}' operator.",
    "ExpressionsMustBeFirstInPipeline": "Expressions are only allowed as the first element of a "
    "pipeline.",
    "IfStatementMissingCondition": "Missing condition in if statement after '{0} ('.",
    "InvalidEndOfLine": "The token '{0}' is not a valid statement separator in this version.",
    "InvalidLeftHandSide": "The assignment expression is not valid. The input to an assignment "
    "operator must be an object that is able to accept assignments, such as a variable or a "
    "property.",
    "InvalidVariableReference": "Variable reference is not valid. '$' was not followed by a valid "
    "variable name character. Consider using ${{}} to delimit the name.",
    "InvalidVariableReferenceWithDrive": "Variable reference is not valid. ':' was not followed by "
    "a valid variable name character. Consider using ${{}} to delimit the name.",
    "MissingArgument": "Missing argument in parameter list.",
    "MissingArrayIndexExpression": "Array index expression is missing or not valid.",
    "MissingCatchHandlerBlock": "The Catch block is missing its statement block.",
    "MissingCatchOrFinally": "The Try statement is missing its Catch or Finally block.",
    "MissingCurlyBraceInSwitchStatement": "Missing '{{' in switch statement.",
    "MissingEndCurlyBrace": "Missing closing '}}' in statement block or type definition.",
    "MissingEndMultiLineComment": "The terminator '#>' is missing from the multiline comment.",
    "MissingEndParenthesisAfterForeach": "Missing closing ')' after expression part of foreach "
    "loop.\n" + FOREACH,
    "MissingEndParenthesisInSwitchStatement": "Missing ')' after expression in switch statement.",
    "MissingEndParenthesisAfterStatement": "Missing closing ')' after expression in '{0}' "
    "statement.",
    "MissingEndParenthesisInExpression": "Missing closing ')' in expression.",
    "MissingEndParenthesisInFunctionParameterList": "Missing ')' in function parameter list.",
    "MissingEndParenthesisInMethodCall": "Missing ')' in method call.",
    "MissingEndParenthesisInSubexpression": "Missing closing ')' in subexpression.",
    "MissingEndSquareBracket": "Missing ']' after array index expression.",
    "MissingEqualsInHashLiteral": "Missing '=' operator after key in hash literal.",
    "MissingExpression": "Missing expression after '{0}' in pipeline element.",
    "MissingExpressionAfterKeyword": "Missing expression after '{0}' in loop.",
    "MissingExpressionAfterOperator": "Missing expression after unary operator '{0}'.",
    "MissingExpressionAfterToken": "Missing expression after '{0}'.",
    "MissingFileSpecification": "Missing file specification after redirection operator.",
    "MissingFinallyBlock": "The Finally block is missing its statement block.",
    "MissingFunctionBody": "Missing function body in function declaration.",
    "MissingForeachStatement": "Missing statement body in foreach loop.\n" + FOREACH,
    "MissingInInForeach": "Missing 'in' after variable in foreach loop.\n" + FOREACH,
    "MissingKeyInHashLiteral": "Missing key before '=' in hash literal.",
    "MissingLoopStatement": "Missing statement body in {0} loop.",
    "MissingNameAfterKeyword": "Missing name after {0} keyword.",
    "MissingOpenParenthesisAfterKeyword": "Missing opening '(' after keyword '{0}'.",
    "MissingOpenParenthesisInIfStatement": "Missing '(' after '{0}' in if statement.",
    "MissingPropertyName": "Missing property name after reference operator.",
    "MissingNamedBlocks": "unexpected token '{0}', expected 'begin', 'process', 'end', or "
    "'dynamicparam'.",
    "MissingStatementBlock": "Missing statement block after {0} ( condition ).",
    "MissingStatementBlockAfterElse": "Missing statement block after 'else' keyword.",
    "MissingStatementInHashLiteral": "Missing statement after '=' in hash literal.",
    "MissingSwitchStatementClause": "Missing statement block in switch statement clause.",
    "MissingSwitchValueExpression": "Missing expression after '(' in switch statement.",
    "MissingTrapStatement": "The 'trap' statement was incomplete. A trap statement requires a "
    "body.",
    "MissingTryStatementBlock": "The Try statement is missing its statement block.",
    "MissingTypename": "Missing type name after '['.",
    "MissingVariableNameAfterForeach": "Missing variable name after foreach.\n" + FOREACH,
    "MissingWhileOrUntilInDoWhile": "Missing while or until keyword in do loop.",
    "OperatorRequiresVariableOrProperty": "The '{0}' operator works only on variables or on "
    "properties.",
    "RedirectionNotSupported": "The '{0}' operator is reserved for future use.",
    "ReservedKeywordNotAllowed": "The '{0}' keyword is not supported in this version of the "
    "language.",
    "ScriptTooComplicated": "Processing was stopped because the script is too complex.",
    "SplattingNotPermitted": "The splatting operator '@' cannot be used to reference variables in "
    "an expression. '@{0}' can be used only as an argument to a command. To reference variables in "
    "an expression use '${0}'.",
    "TerminatorExpectedAtEndOfString": "The string is missing the terminator: {0}.",
    "UnexpectedCharactersAfterHereStringHeader": "No characters are allowed after a here-string "
    "header but before the end of the line.",
    "UnexpectedToken": "Unexpected token '{0}' in expression or statement.",
    "UnexpectedAttribute": "Unexpected attribute '{0}'.",
}
"""Texts by the identifier that FullyQualifiedErrorId shows (the published ParserStrings.resx)."""


class ParseError(Exception):
    """A text is no script.

    Attributes:
        error_id: a key of :data:`TEXTS`.
        message: its text, filled in.
        extent: where it is.
    """

    def __init__(self, error_id: str, extent: Extent, *words: str) -> None:
        self.error_id = error_id
        self.extent = extent
        self.message = TEXTS[error_id].format(*words)
        super().__init__(self.message)
