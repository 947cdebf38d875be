"""The config of a server's encoding of chunks."""

from dataclasses import dataclass, field


@dataclass
class SerdeConfig:
    type: str
    kwargs: dict[str, object] = field(default_factory=dict)
