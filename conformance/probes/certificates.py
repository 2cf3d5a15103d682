"""Two certificates for ``binary`` attributes such as x509Certificates: a tenant may decode what it is given."""

from __future__ import annotations

from typing import Final

CERTIFICATES: Final = (
    (
        "MIIBGTCBwAIBATAKBggqhkjOPQQDAjAYMRYwFAYDVQQDDA1jb25mb3JtYW5jZS0xMCAXDTI0MDEwMTAwMDAwMFoYDzIwOTkx"
        "MjMxMjM1OTU5WjAYMRYwFAYDVQQDDA1jb25mb3JtYW5jZS0xMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEjcJKkNSbuG8P"
        "Ic8cc0YfXhYj73zCWzFNfUWXjNrcJC+DsPp/4jS6jC0aEXHk/hvK4Xj69Er1XgP6HZWeEkz5yDAKBggqhkjOPQQDAgNIADBF"
        "AiAZL/WIn23EGZp7LdmdRcg0DgrZ4IyVM9RvwAA1XJuynwIhAJc+kqdCjfW7ia0riyrKaFGldvG5RkyB0DDYfh1VfJf2"
    ),
    (
        "MIIBGjCBwAIBAjAKBggqhkjOPQQDAjAYMRYwFAYDVQQDDA1jb25mb3JtYW5jZS0yMCAXDTI0MDEwMTAwMDAwMFoYDzIwOTkx"
        "MjMxMjM1OTU5WjAYMRYwFAYDVQQDDA1jb25mb3JtYW5jZS0yMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEixoVF6ck3YXr"
        "13sZrLZ8wydIAJX3QdhxKuBtEyXxp034x4HxAoBN0vD5z+hMc0dkfsa7t7t/AU4LBEZGzEwfvTAKBggqhkjOPQQDAgNJADBG"
        "AiEA3tPAmBSvVTlvo5EvyvwqwEXmF7LlXF1g6KD8QQOYRE8CIQCcAerUCu6tZ07XaYhM3WcRkkWN1ZmBhVCZ9g69WViKIw=="
    ),
)
