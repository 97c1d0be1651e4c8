/*
 * signature.h - is the signature 签名 of a message its sender's? XML Signature (RFC 3275), one profile of it:
 *
 *   one signature in the message, a child of its root element; nothing beside SignedInfo, SignatureValue and
 *   KeyInfo in it; one reference, to the whole message (URI=""), by the enveloped-signature transform, alone
 *   or followed by Canonical XML 1.0 without comments, which SignedInfo is in too; RSA-SHA256 over SHA-256,
 *   or SM2-SM3 over SM3 by the names of the China E-port (2022/04); and no comment in the message.
 *
 * Anything else is refused, and the finding says which. The key is that of a certificate in the party's row
 * (`signs`); what KeyInfo says is not looked at. Of a party without such a row signatures are kept as they
 * are, and not looked at; of one with it an unsigned message is refused, too.
 *
 * What is verified is the whole message but its signature, and the whole message is what is recorded and
 * handed on: there is no part that could be moved away from what was verified.
 *
 * Finding codes: SIGN-MISSING, SIGN-FORM, SIGN-COMMENT, SIGN-ALGORITHM, SIGN-DIGEST, SIGN-VALUE,
 * SIGN-CERTIFICATE.
 */
#ifndef CHECK_SIGNATURE_H
#define CHECK_SIGNATURE_H

#include "base/stamp.h"
#include "message/verdict.h"
#include "edition/party.h"

/* The message is well-formed and without document type. at: when it was received. */
void signature_judge(const struct party *party, struct text utf8, stamp at, struct arena *arena,
                     struct verdict *verdict);

#endif
