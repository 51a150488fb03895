"""A mail server that takes what it is given: port, tls|starttls|none, certificate, key, folder.

The login is me / a password that has accents. Each message becomes a file of the folder.
"""
import asyncio
import pathlib
import ssl
import sys

from aiosmtpd.smtp import SMTP, AuthResult, LoginPassword

port, security, certificate, key, folder = sys.argv[1:]


class Keeps:
    async def handle_DATA(self, server, session, envelope):
        is_secured = server.transport.get_extra_info("sslcontext") is not None
        head = f"from={envelope.mail_from} to={','.join(envelope.rcpt_tos)} tls={is_secured}\n"
        name = f"{len(list(pathlib.Path(folder).iterdir()))}.eml"
        pathlib.Path(folder, name).write_bytes(head.encode() + envelope.content)
        return "250 taken"


def knows(server, session, envelope, mechanism, given):
    is_known = given == LoginPassword(b"me", "canary-é".encode())
    return AuthResult(success=is_known, handled=is_known)


async def main():
    context = None
    if security != "none":
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, key)
    options = dict(hostname="mail.example.org", enable_SMTPUTF8=True)
    if security == "starttls":
        options.update(tls_context=context, require_starttls=True)
    if security != "none":
        options.update(authenticator=knows, auth_required=True, auth_require_tls=security == "starttls")
    loop = asyncio.get_running_loop()
    server = await loop.create_server(
        lambda: SMTP(Keeps(), **options), "127.0.0.1", int(port), ssl=context if security == "tls" else None
    )
    await server.serve_forever()


asyncio.run(main())
