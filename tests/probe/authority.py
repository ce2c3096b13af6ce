"""A certificate authority of our own, and certificates as it is asked for."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

DAY = timedelta(days=1)


def named(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])


class Authority:
    """Its own certificate is in `file`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = named("Tests")
        now = datetime.now(UTC)
        builder = self._builder(self._name, self._key.public_key(), now - 400 * DAY, now + 400 * DAY)
        basic = x509.BasicConstraints(ca=True, path_length=None)
        signed = builder.add_extension(basic, critical=True).sign(self._key, hashes.SHA256())
        self.file = folder / "ca.pem"
        self.file.write_bytes(signed.public_bytes(serialization.Encoding.PEM))

    def _builder(self, name: x509.Name, key: ec.EllipticCurvePublicKey, start: datetime, end: datetime):
        made = x509.CertificateBuilder().subject_name(name).issuer_name(self._name).public_key(key)
        return made.serial_number(x509.random_serial_number()).not_valid_before(start).not_valid_after(end)

    def issue(self, host: str, *, days: float) -> tuple[Path, Path]:
        """Certificate and key files for a host, good for so many days from now (or until so many ago)."""
        key, now = ec.generate_private_key(ec.SECP256R1()), datetime.now(UTC)
        builder = self._builder(named(host), key.public_key(), now - 300 * DAY, now + days * DAY)
        names = x509.SubjectAlternativeName([x509.DNSName(host)])
        signed = builder.add_extension(names, critical=False).sign(self._key, hashes.SHA256())
        certificate, secret = self._folder / f"{host}-{days}.pem", self._folder / f"{host}-{days}.key"
        certificate.write_bytes(signed.public_bytes(serialization.Encoding.PEM))
        pem, pkcs8 = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
        secret.write_bytes(key.private_bytes(pem, pkcs8, serialization.NoEncryption()))
        return certificate, secret
