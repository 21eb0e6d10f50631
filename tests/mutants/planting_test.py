#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Tests of planting.py."""

import unittest

from planting import ListError, Mutant, includes_of, planted

A = "::segproof::mutants::active"


def mutant(number: int, was: str, now: str, within: str | None = None) -> Mutant:
    return Mutant(number, "src/model/x.cpp", was, now, "wrong", within)


def body(text: str, *mutants: Mutant) -> str:
    return planted(text, list(mutants)).split("\n", 1)[1]


class Planting(unittest.TestCase):
    def test_expression(self):
        self.assertEqual(body("if (a < b)", mutant(1, "a < b", "a <= b")), f"if (({A}(1) ? (a <= b) : (a < b)))")

    def test_statement(self):
        self.assertEqual(body("x = 1;", mutant(1, "x = 1;", ";")), f"if ({A}(1)) {{ ; }} else {{ x = 1; }}")
        self.assertEqual(body("if (a) { x(); }", mutant(1, "if (a) { x(); }", ";")),
                         f"if ({A}(1)) {{ ; }} else {{ if (a) {{ x(); }} }}")
        self.assertEqual(body("y = I{1, 2}", mutant(1, "I{1, 2}", "I{1}")), f"y = ({A}(1) ? (I{{1}}) : (I{{1, 2}}))")

    def test_two_at_one_place(self):
        self.assertEqual(body("f(a)", mutant(1, "a", "b"), mutant(2, "a", "c")), f"f(({A}(1) ? (b) : {A}(2) ? (c) : (a)))")

    def test_one_inside_another(self):
        self.assertEqual(body("x = a;", mutant(1, "x = a;", ";"), mutant(2, "a", "b")),
                         f"if ({A}(1)) {{ ; }} else {{ x = ({A}(2) ? (b) : (a)); }}")

    def test_within(self):
        self.assertEqual(body("a b; a c;", mutant(1, "a", "z", "a c")), f"a b; ({A}(1) ? (z) : (a)) c;")

    def test_refused(self):
        for text, *mutants in (
            ("b", mutant(1, "a", "c")),  # not there
            ("a a", mutant(1, "a", "c")),  # twice
            ("a b a b", mutant(1, "a", "c", "a b")),  # twice
            ("a", mutant(1, "a", "a")),  # no bug
            ("f(a, b)", mutant(1, "a, b", "b, a")),  # two expressions
            ("a b c", mutant(1, "a b", "x"), mutant(2, "b c", "x")),  # overlap
        ):
            with self.assertRaises(ListError, msg=text):
                body(text, *mutants)

    def test_includes(self):
        self.assertEqual(includes_of('#include "model/walk.h"\n#include <set>\n'), {"src/model/walk.h"})


if __name__ == "__main__":
    unittest.main()
