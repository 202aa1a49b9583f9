"""Bodies of batches: bounded in depth and count before anything of them is built."""

import json

import pytest

from services.ingest.readers.bodies import DEEPEST, BodyRefused, Unreadable, read_batch


def refusal(body: bytes, *, by_line: bool = False, most: int = 3) -> tuple[int, str]:
    with pytest.raises(BodyRefused) as refused:
        read_batch(body, by_line=by_line, most=most)
    return refused.value.status, refused.value.code


def test_an_array_one_object_and_lines_are_batches() -> None:
    assert read_batch(b'[{"a": 1}, 2]', by_line=False, most=2) == [{"a": 1}, 2]
    assert read_batch(b' {"a": [1, 2, 3, 4]}', by_line=False, most=1) == [{"a": [1, 2, 3, 4]}]
    assert read_batch(b'{"a": 1}\r\n\n{"a": 2}\n', by_line=True, most=2) == [{"a": 1}, {"a": 2}]


def test_a_line_that_is_not_json_leaves_the_others() -> None:
    read = read_batch(b'{"a": 1}\n{"a\nNaN\n{"a": 2}', by_line=True, most=9)
    assert read == [{"a": 1}, Unreadable(), Unreadable(), {"a": 2}]


@pytest.mark.parametrize(
    "body",
    [
        b"[1,",
        b"[NaN]",
        b"[1,]",
        b'["\xff"]',
        b'["\\ud800"]',
        b"\xef\xbb\xbf[1]",
        b"[" + b"9" * 5000 + b"]",
        "[1]".encode("utf-16"),
        b'["a',
    ],
)
def test_what_is_not_json_is_refused_whole(body: bytes) -> None:
    assert refusal(body) == (400, "unreadable-json")


@pytest.mark.parametrize(
    "body",
    [
        b'[{"a": 1, "a": 1}]',
        b'{"a": {"b": [{"c": 1, "\\u0063": 2}]}}',
        b'[{}, {"a": 1, "b": 2, "a": 3}]',
    ],
)
def test_a_member_given_twice_is_refused(body: bytes) -> None:
    assert refusal(body) == (400, "repeated-member")
    assert read_batch(b'{"a": 1}\n' + body, by_line=True, most=9) == [{"a": 1}, Unreadable()]


def test_a_colon_in_a_text_is_no_member() -> None:
    told = {"a:": ':"a":', "b": [{"a:": "\\:"}, {}, []]}
    assert read_batch(json.dumps(told).encode(), by_line=False, most=9) == [told]


@pytest.mark.parametrize(("body", "by_line"), [(b"[]", False), (b"", True), (b"\n \n", True)])
def test_an_empty_batch_is_refused(body: bytes, by_line: bool) -> None:
    assert refusal(body, by_line=by_line) == (400, "empty-batch")


def test_depth_is_bounded_before_parsing() -> None:
    deepest = b"[" * DEEPEST + b"]" * DEEPEST
    assert read_batch(deepest, by_line=False, most=1)
    assert refusal(b"[" + deepest + b"]") == (400, "too-deep")
    assert refusal(b"[" * 1_000_000) == (400, "too-deep")
    assert refusal(b'{"a":' * 20 + b"1" + b"}" * 20, by_line=True) == (400, "too-deep")


def test_count_is_bounded_before_parsing() -> None:
    assert len(read_batch(b"[1, 2, 3]", by_line=False, most=3)) == 3
    assert refusal(b"[1, 2, 3, 4]") == (413, "too-many-declarations")
    assert refusal(b"[" + b"," * 1_000_000) == (413, "too-many-declarations")
    assert refusal(b"1\n2\n3\n4\n", by_line=True) == (413, "too-many-declarations")


def test_what_lies_in_strings_does_not_count() -> None:
    text = '[[[[[[[[[[ "," \\" ]],,,, \\'
    body = json.dumps([text, {text: text}, [text]]).encode()
    assert read_batch(body, by_line=False, most=3) == [text, {text: text}, [text]]


@pytest.mark.parametrize("text", ["", "\\", '"', '\\"', '":"', "[", 'é"[{', '\\\\"]', "],\n,["])
def test_what_is_escaped_hides_neither_a_text_nor_its_end(text: str) -> None:
    told = [{text: ""}, {"": [text, "", text]}, [1, 2, [3, 4]]]
    body = json.dumps(told).encode()
    assert read_batch(body, by_line=False, most=3) == told
    assert refusal(body[:-1] + b', ""]') == (413, "too-many-declarations")
    written = json.dumps(text).encode()
    deepest = b"[" * DEEPEST + written + b"," + written + b"]" * DEEPEST
    assert read_batch(deepest, by_line=False, most=1)
    assert refusal(b"[" + deepest + b"]") == (400, "too-deep")
