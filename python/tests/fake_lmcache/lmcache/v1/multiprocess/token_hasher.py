"""The hashes of chunks."""


class TokenHasher:
    @staticmethod
    def hash_to_bytes(hash_val):
        return hash_val
