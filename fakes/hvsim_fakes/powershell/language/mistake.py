"""What makes a text no script: PowerShell's own words and identifiers for it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from hvsim_fakes.powershell.language.extent import Extent

TEXTS: Final = {
    "AmpersandNotAllowed": "The ampersand (&) character is not allowed. The & operator is reserved "
    'for future use; wrap an ampersand in double quotation marks ("&") to pass it as part of a '
    "string.",
    "EmptyPipeElement": "An empty pipe element is not allowed.",
    "EndSquareBracketExpectedAtEndOfAttribute": "Missing ] at end of attribute or type literal.",
    "ExpectedExpression": "An expression was expected after '{0}'.",
    "ExpectedValueExpression": "You must provide a value expression following the '{0}' operator.",
    "ExpressionsMustBeFirstInPipeline": "Expressions are only allowed as the first element of a "
    "pipeline.",
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
    "MissingCondition": "Missing condition in {0} statement.",
    "MissingEndCurlyBrace": "Missing closing '}}' in statement block or type definition.",
    "MissingEndMultiLineComment": "The terminator '#>' is missing from the multiline comment.",
    "MissingEndParenthesisAfterStatement": "Missing closing ')' after expression in '{0}' "
    "statement.",
    "MissingEndParenthesisInExpression": "Missing closing ')' in expression.",
    "MissingEndParenthesisInFunctionParameterList": "Missing ')' in function parameter list.",
    "MissingEndParenthesisInMethodCall": "Missing ')' in method call.",
    "MissingEndParenthesisInSubexpression": "Missing closing ')' in subexpression.",
    "MissingEndSquareBracket": "Missing ']' after array index expression.",
    "MissingEqualsInHashLiteral": "Missing '=' operator after key in hash literal.",
    "MissingExpression": "Missing expression after '{0}'.",
    "MissingExpressionAfterOperator": "Missing expression after unary operator '{0}'.",
    "MissingExpressionAfterToken": "Missing expression after '{0}' in pipeline element.",
    "MissingFileSpecification": "Missing file specification after redirection operator.",
    "MissingFinallyBlock": "The Finally block is missing its statement block.",
    "MissingFunctionBody": "Missing function body in function declaration.",
    "MissingInInForeach": "Missing 'in' after variable in foreach loop.",
    "MissingKeyInHash": "Missing key in hash literal.",
    "MissingNameAfterKeyword": "Missing name after {0} keyword.",
    "MissingOpenParenthesisAfterKeyword": "Missing opening '(' after keyword '{0}'.",
    "MissingOpenParenthesisInIfStatement": "Missing '(' after '{0}' in if statement.",
    "MissingPropertyName": "Missing property name after reference operator.",
    "MissingStatementAfterEquals": "Missing statement after '=' in hash literal.",
    "MissingStatementBlock": "Missing statement block after {0}.",
    "MissingTryStatementBlock": "The Try statement is missing its statement block.",
    "MissingTypename": "Missing type name after '['.",
    "MissingVariableNameAfterForeach": "Missing variable name after foreach.",
    "MissingWhileOrUntilInDoWhile": "Missing while or until keyword in do loop.",
    "OperatorRequiresVariableOrProperty": "The '{0}' operator works only on variables or on "
    "properties.",
    "RedirectionNotSupported": "The '{0}' operator is reserved for future use.",
    "ReservedKeywordNotAllowed": "The '{0}' keyword is not supported in this version of the "
    "language.",
    "ScriptTooComplicated": "The script is too complicated to be run.",
    "TerminatorExpectedAtEndOfString": "The string is missing the terminator: {0}.",
    "UnexpectedCharactersAfterHereStringHeader": "No characters are allowed after a here-string "
    "header but before the end of the line.",
    "UnexpectedToken": "Unexpected token '{0}' in expression or statement.",
    "ParamNotFirst": "Unexpected attribute '{0}'.",
}
"""Texts by the identifier that FullyQualifiedErrorId shows."""


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
