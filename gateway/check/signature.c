/*
 * signature.c - first what the signature is, in the order in which it says so; then the digest of the
 * message, which costs what that is long; then the signature over it, by each certificate of the party.
 */
#include "check/signature.h"

#include <string.h>

#include "base/base64.h"
#include "base/public_key.h"
#include "check/canonical.h"

#define C14N             "http://www.w3.org/TR/2001/REC-xml-c14n-20010315"
#define ENVELOPED        SIGNATURE_NAMESPACE "enveloped-signature"
#define VALUE_LENGTH_MAX 1024 /* bytes of a signature: RSA of 8192 bits */
#define VALUE_TEXT_MAX   4096 /* ... and of what tells it, with its line breaks */

static const struct {
    const char *signature, *digest;
} names[SIGNATURE_ALGORITHMS_COUNT] = {
    [SIGNATURE_RSA_SHA256] = { "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256",
                               "http://www.w3.org/2001/04/xmlenc#sha256" },
    [SIGNATURE_SM2_SM3] = { "http://www.chinaport.gov.cn/2022/04/xmldsig#sm2-sm3",
                            "http://www.chinaport.gov.cn/2022/04/xmldsig#sm3" },
};

/* A signature on its way through the stages. */
struct judging {
    const struct party *party;
    struct canonical *canonical;
    struct verdict *verdict;
    stamp at;
    enum signature_algorithm algorithm;
};

static bool refuse(const struct judging *judging, const char *code, const char *zh, const char *en) {
    verdict_add(judging->verdict,
                &(struct finding){ .code = code, .severity = SEVERITY_ERROR, .zh = zh, .en = en });
    return false;
}

/* --- what it is ----------------------------------------------------------------------------------------- */

static bool is_whole(const struct judging *judging) {
    static const struct {
        const char *path, *holds, *zh, *en;
    } elements[] = {
        { "", "SignedInfo SignatureValue KeyInfo", "签名只能包含 SignedInfo、SignatureValue 与 KeyInfo",
          "a signature holds SignedInfo, SignatureValue and KeyInfo, and nothing else" },
        { "SignedInfo", "CanonicalizationMethod SignatureMethod Reference",
          "SignedInfo 只能包含 CanonicalizationMethod、SignatureMethod 与 Reference",
          "SignedInfo holds CanonicalizationMethod, SignatureMethod and Reference, and nothing else" },
        { "SignedInfo/CanonicalizationMethod", "", "CanonicalizationMethod 不得有参数",
          "CanonicalizationMethod has no parameters" },
        { "SignedInfo/SignatureMethod", "", "SignatureMethod 不得有参数",
          "SignatureMethod has no parameters" },
        { "SignedInfo/Reference", "Transforms DigestMethod DigestValue",
          "Reference 只能包含 Transforms、DigestMethod 与 DigestValue",
          "Reference holds Transforms, DigestMethod and DigestValue, and nothing else" },
        { "SignedInfo/Reference/DigestMethod", "", "DigestMethod 不得有参数",
          "DigestMethod has no parameters" },
        { "SignedInfo/Reference/Transforms", "Transform", "Transforms 只能包含 Transform",
          "Transforms holds Transform, and nothing else" },
    };
    static const char *const once[] = { "SignedInfo",
                                        "SignatureValue",
                                        "SignedInfo/CanonicalizationMethod",
                                        "SignedInfo/SignatureMethod",
                                        "SignedInfo/Reference",
                                        "SignedInfo/Reference/Transforms",
                                        "SignedInfo/Reference/DigestMethod",
                                        "SignedInfo/Reference/DigestValue" };
    struct arena *arena = judging->verdict->arena;
    for (size_t i = 0; i < sizeof(once) / sizeof(*once); i++) {
        if (canonical_count(judging->canonical, once[i]) != 1) {
            return refuse(judging, "SIGN-FORM", arena_printf(arena, "签名须有且只有一个 %s", once[i]),
                          arena_printf(arena, "a signature has one %s, and one only", once[i]));
        }
    }
    for (size_t i = 0; i < sizeof(elements) / sizeof(*elements); i++) {
        if (!canonical_holds_only(judging->canonical, elements[i].path, elements[i].holds)) {
            return refuse(judging, "SIGN-FORM", elements[i].zh, elements[i].en);
        }
    }
    return true;
}

static const char *algorithm_of(const struct judging *judging, const char *path) {
    const char *name = canonical_attribute(judging->canonical, path, "Algorithm");
    return name ? name : "";
}

static bool is_of_message(const struct judging *judging) {
    const char *uri = canonical_attribute(judging->canonical, "SignedInfo/Reference", "URI");
    if (!uri || *uri) {
        return refuse(judging, "SIGN-FORM", "Reference 须引用整个报文（URI=\"\"）",
                      "the reference is to the whole message: URI=\"\"");
    }
    return true;
}

static bool no_such(const struct judging *judging, const char *what, const char *name) {
    struct arena *arena = judging->verdict->arena;
    return refuse(judging, "SIGN-ALGORITHM", arena_printf(arena, "不接受 %s：%.200s", what, name),
                  arena_printf(arena, "%s is not accepted: %.200s", what, name));
}

static bool are_transforms_known(const struct judging *judging) {
    size_t count = canonical_count(judging->canonical, "SignedInfo/Reference/Transforms/Transform");
    if (count < 1 || count > 2) {
        return refuse(judging, "SIGN-FORM", "变换须为 enveloped-signature，其后至多再有一个规范化",
                      "the transforms are enveloped-signature and at most a canonicalization behind it");
    }
    for (size_t i = 0; i < count; i++) {
        const char *name = canonical_transform(judging->canonical, i);
        if (strcmp(name, i ? C14N : ENVELOPED) != 0) {
            return no_such(judging, "Transform", name);
        }
    }
    return true;
}

static bool are_algorithms_known(struct judging *judging) {
    const char *form = algorithm_of(judging, "SignedInfo/CanonicalizationMethod");
    const char *signature = algorithm_of(judging, "SignedInfo/SignatureMethod");
    const char *digest = algorithm_of(judging, "SignedInfo/Reference/DigestMethod");
    int algorithm = 0;
    if (strcmp(form, C14N) != 0) {
        return no_such(judging, "CanonicalizationMethod", form);
    }
    while (algorithm < SIGNATURE_ALGORITHMS_COUNT && strcmp(names[algorithm].signature, signature) != 0) {
        algorithm++;
    }
    if (algorithm == SIGNATURE_ALGORITHMS_COUNT) {
        return no_such(judging, "SignatureMethod", signature);
    }
    judging->algorithm = (enum signature_algorithm)algorithm;
    return strcmp(names[algorithm].digest, digest) == 0 || no_such(judging, "DigestMethod", digest);
}

/* --- does it verify? ------------------------------------------------------------------------------------ */

/* Base64 in lines. */
static bool read_value(struct text text, unsigned char *out, size_t max, size_t *length) {
    char line[VALUE_TEXT_MAX];
    size_t signs = 0;
    if (text.length > sizeof(line)) {
        return false;
    }
    for (size_t i = 0; i < text.length; i++) {
        if (!strchr(" \t\r\n", text.at[i])) {
            line[signs++] = text.at[i];
        }
    }
    return base64_read((struct text){ line, signs }, out, max, length);
}

static bool is_message_the_same(const struct judging *judging) {
    struct text value = canonical_text(judging->canonical, "SignedInfo/Reference/DigestValue"), form;
    unsigned char told[SIGNATURE_DIGEST_SIZE], found[SIGNATURE_DIGEST_SIZE];
    size_t length = 0;
    bool read = read_value(value, told, sizeof(told), &length) && length == sizeof(told);
    if (!canonical_message(judging->canonical, &form)) {
        return refuse(judging, "SIGN-FORM", "报文无法规范化", "the message has no canonical form");
    }
    signature_digest(judging->algorithm, form, found);
    return (read && memcmp(told, found, sizeof(found)) == 0)
           || refuse(judging, "SIGN-DIGEST", "报文内容与签名时不同",
                     "the message is not what was signed: its digest is another");
}

static bool is_signed(const struct judging *judging) {
    unsigned char value[VALUE_LENGTH_MAX];
    size_t length = 0;
    struct text form, text = canonical_text(judging->canonical, "SignatureValue");
    bool verified = false, expired = false;
    if (!canonical_signed_info(judging->canonical, &form)) {
        return refuse(judging, "SIGN-FORM", "SignedInfo 无法规范化", "SignedInfo has no canonical form");
    }
    bool read = read_value(text, value, sizeof(value), &length);
    for (size_t i = 0; read && i < judging->party->signs.count && !verified; i++) {
        struct public_key *key = public_key_of_base64(text_of(judging->party->signs.items[i]));
        bool good =
            key
            && public_key_verify(key, judging->algorithm, form, (struct text){ (const char *)value, length });
        verified = good && public_key_is_valid(key, judging->at);
        expired |= good && !verified;
        public_key_free(key);
    }
    return verified
           || (expired ? refuse(judging, "SIGN-CERTIFICATE", "签名证书当日无效",
                                "the certificate of the signature is not valid on this day")
                       : refuse(judging, "SIGN-VALUE", "签名无法以该参与方登记的证书验证",
                                "the signature does not verify by a certificate of this party"));
}

/* --- all of it ------------------------------------------------------------------------------------------ */

void signature_judge(const struct party *party, struct text utf8, stamp at, struct arena *arena,
                     struct verdict *verdict) {
    struct judging judging = { .party = party, .verdict = verdict, .at = at };
    switch (canonical_open(utf8, arena, &judging.canonical)) {
    case CANONICAL_ONE:
        if (is_whole(&judging) && is_of_message(&judging) && are_transforms_known(&judging)
            && are_algorithms_known(&judging) && is_message_the_same(&judging)) {
            is_signed(&judging);
        }
        canonical_close(judging.canonical);
        return;
    case CANONICAL_NONE:
        refuse(&judging, "SIGN-MISSING", "报文未签名；该参与方的报文须签名",
               "the message is not signed, and those of this party are to be");
        return;
    case CANONICAL_ELSEWHERE:
        refuse(&judging, "SIGN-FORM", "报文须有且只有一个签名，位于根元素之下",
               "a message has one signature, below its root element");
        return;
    case CANONICAL_COMMENT:
        refuse(&judging, "SIGN-COMMENT", "签名的报文不得含有注释或处理指令：它们不受签名保护",
               "a signed message holds no comment and no instruction: none is covered by the signature");
        return;
    case CANONICAL_UNREADABLE:
        refuse(&judging, "SIGN-FORM", "签名的报文无法读取", "the signed message cannot be read");
        return;
    }
}
