"""Texts that are no scripts, in PowerShell's words; and a corpus of real ones, where there is one.

``HVSIM_POWERSHELL_CORPUS`` names a folder with .ps1 and .psm1 files, all of which must parse.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from hvsim_fakes.powershell.engine.library import decoded
from hvsim_fakes.powershell.language.mistake import TEXTS, ParseError
from hvsim_fakes.powershell.language.parser import parse

MISTAKES = [
    ("if ($true", "MissingEndParenthesisAfterStatement", 1, 10),
    ("if () { }", "IfStatementMissingCondition", 1, 5),
    ("if ($true) 5", "MissingStatementBlock", 1, 12),
    ("'abc", "TerminatorExpectedAtEndOfString", 1, 1),
    ('"abc', "TerminatorExpectedAtEndOfString", 1, 1),
    ("@'\nabc", "TerminatorExpectedAtEndOfString", 1, 1),
    ("{ 1", "MissingEndCurlyBrace", 1, 1),
    ("(1", "MissingEndParenthesisInExpression", 1, 3),
    ("$(1", "MissingEndParenthesisInSubexpression", 1, 1),
    ("1 +", "ExpectedValueExpression", 1, 4),
    ("1 -eq", "ExpectedValueExpression", 1, 6),
    ("1, ", "MissingExpressionAfterToken", 1, 2),
    ("-not", "MissingExpressionAfterOperator", 1, 1),
    ("1 | ", "EmptyPipeElement", 1, 5),
    ("| 1", "EmptyPipeElement", 1, 1),
    ("1 | 2", "ExpressionsMustBeFirstInPipeline", 1, 5),
    ("1 2", "UnexpectedToken", 1, 3),
    ("}", "UnexpectedToken", 1, 1),
    (")", "UnexpectedToken", 1, 1),
    ("1 = 2", "InvalidLeftHandSide", 1, 1),
    ("$x = ", "ExpectedValueExpression", 1, 6),
    ("@{ a }", "MissingEqualsInHashLiteral", 1, 6),
    ("@{ a = }", "MissingStatementInHashLiteral", 1, 8),
    ("try { 1 }", "MissingCatchOrFinally", 1, 10),
    ("foreach (x in 1) { }", "MissingVariableNameAfterForeach", 1, 10),
    ("foreach ($x of 1) { }", "MissingInInForeach", 1, 13),
    ("while (1)", "MissingLoopStatement", 1, 10),
    ("do { 1 }", "MissingWhileOrUntilInDoWhile", 1, 9),
    ("function { }", "MissingNameAfterKeyword", 1, 10),
    ("function f", "MissingFunctionBody", 1, 11),
    ("$a.", "MissingPropertyName", 1, 4),
    ("$a[]", "MissingArrayIndexExpression", 1, 3),
    ("$a[1", "MissingEndSquareBracket", 1, 5),
    ("'a'.Foo(1", "MissingEndParenthesisInMethodCall", 1, 8),
    ("Get-Date & Get-Item", "AmpersandNotAllowed", 1, 10),
    ("a && b", "InvalidEndOfLine", 1, 3),
    ("a || b", "InvalidEndOfLine", 1, 3),
    ("a < b", "RedirectionNotSupported", 1, 3),
    ("a >", "MissingFileSpecification", 1, 3),
    ('"$a: b"', "InvalidVariableReferenceWithDrive", 1, 2),
    ("<# x", "MissingEndMultiLineComment", 1, 1),
    ("@x + 1", "SplattingNotPermitted", 1, 1),
    ("@{ a = 1; A = 2 }", "DuplicateKeyInHashLiteral", 1, 11),
    ("param($a, $A)", "DuplicateFormalParameter", 1, 11),
    ("while () { }", "MissingExpressionAfterKeyword", 1, 8),
    ("switch () { }", "MissingSwitchValueExpression", 1, 9),
    ("& ", "MissingExpression", 1, 3),
    ("process { 1 } 2", "MissingNamedBlocks", 1, 15),
    ("++1", "OperatorRequiresVariableOrProperty", 1, 1),
    ("class A { }", "ReservedKeywordNotAllowed", 1, 1),
    ("1\n2\n  )", "UnexpectedToken", 3, 3),
    ("[int", "EndSquareBracketExpectedAtEndOfAttribute", 1, 4),
    ("Get-Item a,", "MissingArgument", 1, 11),
]


@pytest.mark.parametrize(("text", "error_id", "line", "column"), MISTAKES, ids=str)
def test_mistakes(text, error_id, line, column):
    with pytest.raises(ParseError) as wrong:
        parse(text)
    extent = wrong.value.extent
    assert (wrong.value.error_id, extent.line, extent.column) == (error_id, line, column)
    assert "{0}" not in wrong.value.message


def test_every_mistake_has_a_text_with_no_more_than_one_word_to_fill_in():
    assert all("{1}" not in text for text in TEXTS.values())


@pytest.mark.parametrize(
    "text",
    [
        "Get-X | Select -Property A,B,\n  C, @{n='d';e={$_.e}}",
        "switch ($z) { 'a' {1} default {2} }",
        "@{ a = if ($x) { 1 }\nelse { 2 } }",
        "$x = (1gb/3)",
        "param([string]$a = $false, [switch]$b)\n$a",
        "[CmdletBinding()]\nparam([Parameter(Mandatory=$true)][ValidateSet('a','b')][string[]]$x)",
        "$a.\n  Length",
        "& $x -a:$true -b 1,2 @c 2>&1 | Out-Null",
        "if ($a -and -not $b -or !$c) { } elseif ($d) { } else { }",
        "$r = $a ,$b + 1 -f 'x'",
        "function f ([int] $a, $b = (1 + 2)) { process { $_ } }",
        "try { } catch [System.Exception], [int] { } finally { }",
        "C:\\Windows\\x.exe /a:b --c d=e",
        "$Line ++; $Line --",
        "do { } Until ( $Line -ge ($EndLine -1) )",
        "1..3|%{$_}",
        "\u201cquoted\u201d; Get-Item \u2013Path x",
    ],
)
def test_texts_that_are_scripts(text):
    assert parse(text) is not None


def test_the_corpus_parses():
    folder = os.environ.get("HVSIM_POWERSHELL_CORPUS")
    if not folder:
        pytest.skip("HVSIM_POWERSHELL_CORPUS names no folder of scripts")
    paths = [
        one for one in sorted(Path(folder).rglob("*")) if one.suffix.lower() in (".ps1", ".psm1")
    ]
    assert paths
    wrong = []
    for path in paths:
        try:
            parse(decoded(path.read_bytes()))
        except ParseError as mistake:
            wrong.append((path.name, mistake.extent.line, mistake.message))
    assert wrong == []
