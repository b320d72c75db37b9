"""Streams in memory, compression, readers and writers, and paths as text."""

from __future__ import annotations

import zlib
from typing import Any, Final

from hvsim_fakes.powershell.dotnet.basics import new_guid
from hvsim_fakes.powershell.dotnet.strings import ENCODINGS, Encoding
from hvsim_fakes.powershell.host import plain_path
from hvsim_fakes.powershell.objects.enums import EnumValue
from hvsim_fakes.powershell.objects.fault import NetError, argument, null_argument
from hvsim_fakes.powershell.objects.nettype import OBJECT, NetType, Property, method
from hvsim_fakes.powershell.objects.registry import register
from hvsim_fakes.powershell.objects.text import to_text
from hvsim_fakes.powershell.objects.values import Byte, elements, is_list

_CHUNK: Final = 65_536


class Stream:
    """A stream: bytes in memory and a position."""

    ps_type = NetType("System.IO.Stream", OBJECT)

    def __init__(self, data: bytes = b"") -> None:
        self.data = bytearray(data)
        self.at = 0
        self.closed = False

    def write(self, engine: Any, piece: bytes) -> None:
        """Write at the position."""
        self.check()
        engine.budget.hold(len(piece))
        if self.at + len(piece) > engine.budget.limits.value:
            engine.budget.hold(self.at + len(piece))
        self.data[self.at : self.at + len(piece)] = piece
        self.at += len(piece)

    def read(self, engine: Any, count: int) -> bytes:
        """Read from the position."""
        del engine
        self.check()
        piece = bytes(self.data[self.at : self.at + max(count, 0)])
        self.at += len(piece)
        return piece

    def close(self, engine: Any) -> None:
        """Close."""
        del engine
        self.closed = True

    def check(self) -> None:
        """Raise what .NET does once it is closed."""
        if self.closed:
            raise NetError("System.ObjectDisposedException", "Cannot access a closed Stream.")


class MemoryStream(Stream):
    """System.IO.MemoryStream; its contents outlive it."""

    ps_type = NetType("System.IO.MemoryStream", Stream.ps_type)


class Compressed(Stream):
    """GZipStream and DeflateStream over another stream."""

    ps_type = NetType("System.IO.Compression.GZipStream", Stream.ps_type)

    def __init__(self, inner: Stream, mode: int, bits: int, *, keep: bool) -> None:
        super().__init__()
        self.inner = inner
        self.keep = keep
        self.packer = zlib.compressobj(6, zlib.DEFLATED, bits) if mode else None
        self.bits = bits
        self.unpacked = False

    def write(self, engine: Any, piece: bytes) -> None:
        """Compress and write on."""
        self.check()
        if self.packer is None:
            raise NetError(
                "System.InvalidOperationException",
                "Writing to the compression stream is not supported.",
            )
        self.inner.write(engine, self.packer.compress(piece))

    def read(self, engine: Any, count: int) -> bytes:
        """Read what the inner stream unpacks to."""
        if not self.unpacked:
            self._unpack(engine)
        return super().read(engine, count)

    def close(self, engine: Any) -> None:
        """Write what is left and close, the inner stream too unless it is to be kept."""
        if self.closed:
            return
        if self.packer is not None:
            self.inner.write(engine, self.packer.flush())
        self.closed = True
        if not self.keep:
            self.inner.close(engine)

    def _unpack(self, engine: Any) -> None:
        self.unpacked = True
        unpacker = zlib.decompressobj(self.bits)
        raw = self.inner.read(engine, len(self.inner.data))
        try:
            while raw:
                piece = unpacker.decompress(raw, _CHUNK)
                engine.budget.hold(max(len(piece), 1024))
                self.data += piece
                raw = unpacker.unconsumed_tail
                if len(self.data) > engine.budget.limits.value:
                    engine.budget.hold(len(self.data))
        except zlib.error:
            raise NetError(
                "System.IO.InvalidDataException",
                "The magic number in GZip header is not correct. Make sure you are passing in a "
                "GZip stream.",
            ) from None


class Deflated(Compressed):
    """System.IO.Compression.DeflateStream."""

    ps_type = NetType("System.IO.Compression.DeflateStream", Stream.ps_type)


def _write(engine: Any, one: Stream, data: Any, start: Any = 0, count: Any = None) -> None:
    if data is None:
        raise null_argument("buffer")
    raw = bytes(data)
    size = len(raw) - int(start) if count is None else int(count)
    if int(start) < 0 or size < 0 or int(start) + size > len(raw):
        raise argument(
            "Offset and length were out of bounds for the array or count is greater than"
            " the number of elements from index to the end of the source collection."
        )
    one.write(engine, raw[int(start) : int(start) + size])


def _read(engine: Any, one: Stream, target: Any, start: int, count: int) -> int:
    piece = one.read(engine, min(count, len(target) - start))
    target[start : start + len(piece)] = (
        piece if isinstance(target, bytearray) else [Byte(b) for b in piece]
    )
    return len(piece)


def _read_byte(engine: Any, one: Stream) -> int:
    piece = one.read(engine, 1)
    return piece[0] if piece else -1


def _seek(one: Stream, offset: int, origin: Any) -> int:
    base = {0: 0, 1: one.at, 2: len(one.data)}[
        origin.number if isinstance(origin, EnumValue) else 0
    ]
    one.at = max(base + offset, 0)
    return one.at


def _move(one: Stream, at: Any) -> None:
    one.at = max(int(at), 0)


def _copy(engine: Any, one: Stream, target: Stream, *_: Any) -> None:
    while piece := one.read(engine, _CHUNK):
        target.write(engine, piece)


register(Stream.ps_type).extend(
    properties=[
        Property("CanRead", lambda one: not one.closed),
        Property("CanSeek", lambda one: not one.closed),
        Property("CanWrite", lambda one: not one.closed),
        Property("Length", lambda one: len(one.data)),
        Property("Position", lambda one: one.at, _move, "System.Int64"),
    ],
    methods=[
        method("Write", _write, "buffer:byte[]", "?offset:int", "?count:int", engine=True),
        method(
            "WriteByte",
            lambda e, one, value: one.write(e, bytes([value])),
            "value:byte",
            engine=True,
        ),
        method("Read", _read, "buffer:object", "offset:int", "count:int", engine=True),
        method("ReadByte", _read_byte, engine=True),
        method("Seek", _seek, "offset:long", "loc:System.IO.SeekOrigin"),
        method("CopyTo", _copy, "destination:object", "?bufferSize:int", engine=True),
        method("Flush", lambda _: None),
        method("Close", lambda e, one: one.close(e), engine=True),
        method("Dispose", lambda e, one: one.close(e), engine=True),
    ],
)


def _set_length(engine: Any, one: Stream, size: int) -> None:
    engine.budget.hold(size)
    one.data = one.data[:size].ljust(size, b"\0")


register(MemoryStream.ps_type, "io.memorystream").extend(
    methods=[
        method("ToArray", lambda one: bytearray(one.data)),
        method("GetBuffer", lambda one: bytearray(one.data)),
        method("SetLength", _set_length, "value:long", engine=True),
    ],
    construct=lambda _engine, given: MemoryStream(_bytes(given)),
)


def _bytes(given: list[Any]) -> bytes:
    if not given or isinstance(given[0], int):
        return b""
    # New-Object unrolls a byte array into its arguments
    if isinstance(given[0], bytearray):
        return bytes(given[0])
    if is_list(given[0]):
        return bytes(int(one) for one in elements(given[0]))
    raise TypeError(given)


def _compression(kind: type[Compressed], bits: int) -> Any:
    def make(_: Any, given: list[Any]) -> Compressed:
        if len(given) < 2 or not isinstance(given[0], Stream):
            raise TypeError(given)
        mode = _mode(given[1])
        return kind(given[0], mode, bits, keep=len(given) > 2 and bool(given[2]))

    return make


def _mode(given: Any) -> int:
    if isinstance(given, EnumValue):
        is_level = given.ps_type.name.endswith("Level")
        return 1 if is_level else given.number
    return 1 if to_text(given).lower() in ("compress", "1") else 0


register(Compressed.ps_type, "io.compression.gzipstream").extend(
    properties=[Property("BaseStream", lambda one: one.inner)],
    construct=_compression(Compressed, 31),
)
register(Deflated.ps_type, "io.compression.deflatestream").extend(
    properties=[Property("BaseStream", lambda one: one.inner)],
    construct=_compression(Deflated, -15),
)


# Readers and writers


class Reader:
    """System.IO.StreamReader and StringReader."""

    ps_type = NetType("System.IO.StreamReader", OBJECT)

    def __init__(self, source: Stream | str, encoding: Encoding) -> None:
        self.source = source
        self.encoding = encoding
        self.text: str | None = source if isinstance(source, str) else None
        self.at = 0

    def load(self, engine: Any) -> str:
        """Return the whole text."""
        if self.text is None:
            stream = self.source
            raw = b""
            if isinstance(stream, Stream):
                while piece := stream.read(engine, _CHUNK):
                    raw += piece
            self.text = self.encoding.decode(raw).removeprefix("\ufeff")
        return self.text

    def rest(self, engine: Any) -> str:
        """Return what was not read so far."""
        text = self.load(engine)[self.at :]
        self.at += len(text)
        return text

    def line(self, engine: Any) -> str | None:
        """Return the next line, None at the end."""
        text = self.load(engine)
        if self.at >= len(text):
            return None
        end = text.find("\n", self.at)
        end = len(text) if end < 0 else end
        line = text[self.at : end].removesuffix("\r")
        self.at = end + 1
        return line


class Writer:
    """System.IO.StreamWriter and StringWriter."""

    ps_type = NetType("System.IO.StreamWriter", OBJECT)

    def __init__(self, target: Stream, encoding: Encoding) -> None:
        self.target = target
        self.encoding = encoding

    def put(self, engine: Any, text: str) -> None:
        """Write a text."""
        self.target.write(engine, bytes(self.encoding.encode(text)))


def _encoding_of(given: list[Any]) -> Encoding:
    return next((one for one in given if isinstance(one, Encoding)), ENCODINGS["UTF8"])


def _make_reader(_: Any, given: list[Any]) -> Reader:
    if not given or not isinstance(given[0], Stream):
        raise TypeError(given)
    return Reader(given[0], _encoding_of(given))


def _make_writer(_: Any, given: list[Any]) -> Writer:
    if not given or not isinstance(given[0], Stream):
        raise TypeError(given)
    return Writer(given[0], _encoding_of(given))


def _nothing(*_: Any) -> None:
    return None


_READER: Final = [
    method("ReadToEnd", lambda e, one: one.rest(e), engine=True),
    method("ReadLine", lambda e, one: one.line(e), engine=True),
    method("Close", _nothing),
    method("Dispose", _nothing),
]
register(Reader.ps_type, "io.streamreader").extend(
    properties=[
        Property("EndOfStream", lambda one: one.text is not None and one.at >= len(one.text)),
        Property("BaseStream", lambda one: one.source),
    ],
    methods=_READER,
    construct=_make_reader,
)
register(NetType("System.IO.StringReader", Reader.ps_type), "io.stringreader").extend(
    construct=lambda _engine, given: Reader(to_text(given[0]), ENCODINGS["UTF8"])
)
register(Writer.ps_type, "io.streamwriter").extend(
    properties=[
        Property("AutoFlush", lambda _: True, lambda _one, _new: None),
        Property("BaseStream", lambda one: one.target),
    ],
    methods=[
        method(
            "Write", lambda e, one, value: one.put(e, to_text(value)), "value:object", engine=True
        ),
        method(
            "WriteLine",
            lambda e, one, value="": one.put(e, to_text(value) + "\r\n"),
            "?value:object",
            engine=True,
        ),
        method("Flush", _nothing),
        method("Close", lambda e, one: one.target.close(e), engine=True),
        method("Dispose", lambda e, one: one.target.close(e), engine=True),
    ],
    construct=_make_writer,
)


# Paths, which are nothing but text


def _name(path: str) -> str:
    return path.replace("/", "\\").rpartition("\\")[2].rpartition(":")[2]


def _extension(path: str) -> str:
    name = _name(path)
    dot = name.rfind(".")
    return name[dot:] if dot >= 0 and dot < len(name) - 1 else ""


def _stem(path: str) -> str:
    name = _name(path)
    dot = name.rfind(".")
    return name[:dot] if dot >= 0 else name


def _directory(path: str) -> str | None:
    plain = path.replace("/", "\\")
    head = plain.rpartition("\\")[0]
    if not head:
        return None if plain.endswith(("\\", ":")) else ""
    return head + "\\" if head.endswith(":") and plain != head + "\\" else head


def combine(*parts: str) -> str:
    """Join parts of a path; a rooted part begins anew."""
    path = ""
    for part in parts:
        if part is None:
            raise null_argument("path2")
        if not path or (part[:1] in "\\/" and part) or part[1:2] == ":":
            path = part or path
        elif part:
            path += part if path[-1] in "\\/:" else f"\\{part}"
    return path


def _root(path: str) -> str:
    plain = path.replace("/", "\\")
    if plain.startswith("\\\\"):
        return "\\\\" + "\\".join(plain[2:].split("\\")[:2])
    if plain[1:2] == ":":
        return plain[:3] if plain[2:3] == "\\" else plain[:2]
    return "\\" if plain.startswith("\\") else ""


def _change_extension(path: str, extension: Any) -> str:
    base = path[: len(path) - len(_extension(path))].removesuffix(".")
    if extension is None:
        return base
    text = to_text(extension)
    return base + (text if text.startswith(".") else f".{text}")


def _full(path: str) -> str:

    return plain_path(path)


def _temporary(engine: Any) -> str:
    return f"C:\\Windows\\Temp\\tmp{new_guid(engine).hex[:4].upper()}.tmp"


register(NetType("System.IO.Path", OBJECT), "io.path").extend(
    static={
        "DirectorySeparatorChar": lambda _: "\\",
        "AltDirectorySeparatorChar": lambda _: "/",
        "PathSeparator": lambda _: ";",
    },
    static_methods=[
        method("GetFileName", _name, "path:string"),
        method("GetFileNameWithoutExtension", _stem, "path:string"),
        method("GetExtension", _extension, "path:string"),
        method("GetDirectoryName", _directory, "path:string"),
        method("GetPathRoot", _root, "path:string"),
        method("GetFullPath", _full, "path:string"),
        method("Combine", combine, "*paths:string"),
        method("ChangeExtension", _change_extension, "path:string", "extension:object"),
        method("HasExtension", lambda path: _extension(path) != "", "path:string"),
        method("IsPathRooted", lambda path: _root(path) != "", "path:string"),
        method("GetTempPath", lambda: "C:\\Windows\\Temp\\"),
        method("GetTempFileName", _temporary, engine=True),
        method(
            "GetRandomFileName",
            lambda e: f"{new_guid(e).hex[:8]}.{new_guid(e).hex[:3]}",
            engine=True,
        ),
    ],
)
