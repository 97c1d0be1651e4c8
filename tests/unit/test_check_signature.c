/*
 * test_check_signature.c - signatures of messages: what verifies, by RSA and by SM2; and that whatever else
 * is done to a signed message, or to its signature, is refused and told what it is.
 *
 * The canonical forms that are signed are written out here, by hand, and not made by what is tested: a
 * message is laid out canonically, its digest and SignedInfo are signed by OpenSSL, and what may be written
 * in other ways without changing the canonical form is written so.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <openssl/evp.h>
#include <openssl/x509.h>

#include "base/arena.h"
#include "base/base64.h"
#include "base/buf.h"
#include "base/public_key.h"
#include "check/check.h"
#include "check/signature.h"

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))
#define DS           "http://www.w3.org/2000/09/xmldsig#"
#define C14N         "http://www.w3.org/TR/2001/REC-xml-c14n-20010315"
#define RSA_SHA256   "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"
#define SHA256       "http://www.w3.org/2001/04/xmlenc#sha256"
#define SM2_SM3      "http://www.chinaport.gov.cn/2022/04/xmldsig#sm2-sm3"
#define SM3          "http://www.chinaport.gov.cn/2022/04/xmldsig#sm3"
#define ENVELOPED    DS "enveloped-signature"

/* --- keys ----------------------------------------------------------------------------------------------- */

struct signer {
    EVP_PKEY *key;
    const char *digest, *certificate; /* Base64, in the arena */
};

static struct arena *arena;
static struct signer rsa, sm2, stranger, expired;
static stamp now;

static const char *base64(const void *bytes, size_t length) {
    return base64_print(bytes, length, arena_alloc(arena, BASE64_SIZE(length)));
}

static const char *certificate_of(EVP_PKEY *key, const char *digest, long days) {
    X509 *certificate = X509_new();
    unsigned char *der = NULL;
    assert_true(X509_set_version(certificate, 2) == 1);
    ASN1_INTEGER_set(X509_get_serialNumber(certificate), 1);
    ASN1_TIME_set(X509_getm_notBefore(certificate), 1780000000 - 86400 * 365);
    ASN1_TIME_set(X509_getm_notAfter(certificate), 1780000000 + 86400 * days);
    X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate), "CN", MBSTRING_ASC,
                               (const unsigned char *)"signer", -1, -1, 0);
    X509_set_issuer_name(certificate, X509_get_subject_name(certificate));
    X509_set_pubkey(certificate, key);
    EVP_MD *md = EVP_MD_fetch(NULL, digest, NULL);
    assert_true(X509_sign(certificate, key, md) > 0);
    int length = i2d_X509(certificate, &der);
    assert_true(length > 0);
    const char *text = base64(der, (size_t)length);
    EVP_MD_free(md);
    OPENSSL_free(der);
    X509_free(certificate);
    return text;
}

static struct signer new_signer(const char *kind, long days) {
    bool is_rsa = strcmp(kind, "RSA") == 0;
    const char *digest = is_rsa ? "SHA256" : "SM3";
    EVP_PKEY *key =
        is_rsa ? EVP_PKEY_Q_keygen(NULL, NULL, "RSA", (size_t)2048) : EVP_PKEY_Q_keygen(NULL, NULL, "SM2");
    assert_non_null(key);
    return (struct signer){ key, digest, certificate_of(key, digest, days) };
}

static int set_up(void **state) {
    (void)state;
    arena = arena_new();
    now = (stamp)1780000000 * STAMP_SECOND;
    rsa = new_signer("RSA", 365);
    sm2 = new_signer("SM2", 365);
    stranger = new_signer("RSA", 365);
    expired = new_signer("RSA", -1);
    return 0;
}

static int tear_down(void **state) {
    (void)state;
    EVP_PKEY_free(rsa.key);
    EVP_PKEY_free(sm2.key);
    EVP_PKEY_free(stranger.key);
    EVP_PKEY_free(expired.key);
    arena_free(arena);
    return 0;
}

static const char *digest_text(const char *algorithm, const char *bytes) {
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned length = 0;
    EVP_MD *md = EVP_MD_fetch(NULL, algorithm, NULL);
    assert_true(EVP_Digest(bytes, strlen(bytes), digest, &length, md, NULL) == 1);
    EVP_MD_free(md);
    return base64(digest, length);
}

static const char *signature_text(const struct signer *signer, const char *bytes, const char *sm2_id) {
    unsigned char value[1024];
    size_t length = sizeof(value);
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    EVP_PKEY_CTX *of_key = EVP_PKEY_CTX_new(signer->key, NULL);
    EVP_MD_CTX_set_pkey_ctx(context, of_key);
    if (strcmp(signer->digest, "SM3") == 0) {
        assert_true(EVP_PKEY_CTX_set1_id(of_key, sm2_id, strlen(sm2_id)) == 1);
    }
    assert_true(EVP_DigestSignInit_ex(context, NULL, signer->digest, NULL, NULL, signer->key, NULL) == 1);
    assert_true(EVP_DigestSign(context, value, &length, (const unsigned char *)bytes, strlen(bytes)) == 1);
    EVP_MD_CTX_free(context);
    EVP_PKEY_CTX_free(of_key);
    return base64(value, length);
}

/* --- messages ------------------------------------------------------------------------------------------- */

#define ROOT    "<c:Order xmlns:c=\"urn:c\" id=\"7\" version=\"1.0\">"
#define BODY    "\n  <c:Goods note=\"a&amp;b\">1000</c:Goods><c:Note></c:Note>\n  "
#define ROOTEND "\n</c:Order>"

/* What a test may change of a signature before it is made. */
struct made {
    const struct signer *signer;
    const char *form, *method, *digest, *uri, *transforms, *more; /* NULL: as it should be */
    const char *message;                                          /* what is signed, canonically */
    const char *sm2_id;
};

/* SignedInfo as it is written in the message, and in its canonical form, where it bears the namespaces in
 * scope. */
static const char *signed_info(const struct made *made, const char *namespaces) {
    bool of_rsa = strcmp(made->signer->digest, "SHA256") == 0;
    const char *transforms =
        made->transforms ? made->transforms : "<ds:Transform Algorithm=\"" ENVELOPED "\"></ds:Transform>";
    return arena_printf(
        arena,
        "<ds:SignedInfo%s>\n<ds:CanonicalizationMethod Algorithm=\"%s\"></ds:CanonicalizationMethod>"
        "<ds:SignatureMethod Algorithm=\"%s\"></ds:SignatureMethod><ds:Reference%s>"
        "<ds:Transforms>%s</ds:Transforms><ds:DigestMethod Algorithm=\"%s\"></ds:DigestMethod>"
        "<ds:DigestValue>%s</ds:DigestValue></ds:Reference>%s</ds:SignedInfo>",
        namespaces, made->form ? made->form : C14N,
        made->method ? made->method
        : of_rsa     ? RSA_SHA256
                     : SM2_SM3,
        made->uri ? made->uri : " URI=\"\"", transforms,
        made->digest ? made->digest
        : of_rsa     ? SHA256
                     : SM3,
        digest_text(made->signer->digest, made->message ? made->message : ROOT BODY ROOTEND),
        made->more ? made->more : "");
}

static const char *signature_of(const struct made *made) {
    const char *canonical = signed_info(made, " xmlns:c=\"urn:c\" xmlns:ds=\"" DS "\"");
    return arena_printf(
        arena,
        "<ds:Signature xmlns:ds=\"" DS "\">%s<ds:SignatureValue>\n%s\n</ds:SignatureValue>"
        "<ds:KeyInfo><ds:KeyName>any</ds:KeyName></ds:KeyInfo></ds:Signature>",
        signed_info(made, ""),
        signature_text(made->signer, canonical, made->sm2_id ? made->sm2_id : "1234567812345678"));
}

static const char *message_with(const char *root, const char *body, const char *signature) {
    return arena_printf(arena, "%s%s%s" ROOTEND, root, body, signature);
}

/* "": it verifies; else the code, and the sentence in English. */
static const char *judged(const char *message, const struct signer *const *signers, size_t count) {
    const char *certificates[4];
    struct verdict verdict;
    for (size_t i = 0; i < count; i++) {
        certificates[i] = signers[i]->certificate;
    }
    struct party party = { .code = "P", .signs = { certificates, count } };
    verdict_init(&verdict, arena);
    signature_judge(&party, text_of(message), now, arena, &verdict);
    assert_true(verdict.count <= 1);
    return verdict.count ? arena_printf(arena, "%s: %s", verdict.findings[0].code, verdict.findings[0].en)
                         : "";
}

static const char *judged_by(const char *message, const struct signer *signer) {
    return judged(message, &signer, 1);
}

static void is_told(const char *message, const struct signer *signer, const char *code, const char *says) {
    const char *told = judged_by(message, signer);
    if (strncmp(told, code, strlen(code)) != 0 || !strstr(told, says)) {
        fail_msg("[%s], should be %s with \"%s\":\n%s", told, code, says, message);
    }
}

/* --- what verifies -------------------------------------------------------------------------------------- */

static void a_message_verifies_by_its_senders_certificate(void **state) {
    const struct signer *const both[] = { &stranger, &rsa };
    const char *by_rsa = message_with(ROOT, BODY, signature_of(&(struct made){ .signer = &rsa }));
    const char *by_sm2 = message_with(ROOT, BODY, signature_of(&(struct made){ .signer = &sm2 }));
    (void)state;
    assert_string_equal(judged_by(by_rsa, &rsa), "");
    assert_string_equal(judged_by(by_sm2, &sm2), "");
    assert_string_equal(judged(by_rsa, both, 2), "");
    is_told(by_rsa, &stranger, "SIGN-VALUE", "does not verify");
    is_told(by_rsa, &sm2, "SIGN-VALUE", "does not verify");
    is_told(by_sm2, &rsa, "SIGN-VALUE", "does not verify");
    const char *late = message_with(ROOT, BODY, signature_of(&(struct made){ .signer = &expired }));
    is_told(late, &expired, "SIGN-CERTIFICATE", "not valid");
}

static void what_has_the_same_canonical_form_verifies(void **state) {
    static const struct {
        const char *root, *body;
    } written[] = {
        { "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n" ROOT, BODY },
        { "<c:Order  version='1.0' id='7' xmlns:c='urn:c' >", BODY },
        { ROOT, "\n  <c:Goods note=\"a&#38;b\">1000</c:Goods><c:Note/>\n  " },
        { ROOT, "\r\n  <c:Goods note=\"a&amp;b\"><![CDATA[10]]>0&#48;</c:Goods><c:Note></c:Note>\r\n  " },
    };
    const char *signature = signature_of(&(struct made){ .signer = &rsa });
    const char *with_form =
        signature_of(&(struct made){ .signer = &rsa,
                                     .transforms = "<ds:Transform Algorithm=\"" ENVELOPED "\"></ds:Transform>"
                                                   "<ds:Transform Algorithm=\"" C14N "\"></ds:Transform>" });
    (void)state;
    for (size_t i = 0; i < COUNT(written); i++) {
        assert_string_equal(judged_by(message_with(written[i].root, written[i].body, signature), &rsa), "");
    }
    assert_string_equal(judged_by(message_with(ROOT, BODY, with_form), &rsa), "");
}

/* --- what does not -------------------------------------------------------------------------------------- */

static void a_changed_message_is_not_what_was_signed(void **state) {
    static const char *const bodies[] = {
        "\n  <c:Goods note=\"a&amp;b\">1001</c:Goods><c:Note></c:Note>\n  ",
        "\n  <c:Goods note=\"a&amp;c\">1000</c:Goods><c:Note></c:Note>\n  ",
        "\n  <c:Goods note=\"a&amp;b\">1000</c:Goods><c:Note></c:Note>\n",
        "\n  <c:Goods note=\"a&amp;b\">1000</c:Goods><c:Note></c:Note><c:Note></c:Note>\n  ",
        "\n  <d:Goods xmlns:d=\"urn:c\" note=\"a&amp;b\">1000</d:Goods><c:Note></c:Note>\n  ",
    };
    const char *signature = signature_of(&(struct made){ .signer = &rsa });
    (void)state;
    for (size_t i = 0; i < COUNT(bodies); i++) {
        is_told(message_with(ROOT, bodies[i], signature), &rsa, "SIGN-DIGEST", "another");
    }
    is_told(message_with("<c:Order xmlns:c=\"urn:c\" id=\"8\" version=\"1.0\">", BODY, signature), &rsa,
            "SIGN-DIGEST", "another");
    is_told(message_with("<c:Order xmlns:c=\"urn:c\" xmlns:x=\"urn:x\" id=\"7\" version=\"1.0\">", BODY,
                         signature),
            &rsa, "SIGN-DIGEST", "another");
}

static void a_changed_signature_does_not_verify(void **state) {
    char *signature = (char *)signature_of(&(struct made){ .signer = &rsa });
    char *value = strstr(signature, "<ds:SignatureValue>\n") + strlen("<ds:SignatureValue>\n");
    (void)state;
    value[40] = value[40] == 'A' ? 'B' : 'A';
    is_told(message_with(ROOT, BODY, signature), &rsa, "SIGN-VALUE", "does not verify");
    memcpy(value, "????", 4);
    is_told(message_with(ROOT, BODY, signature), &rsa, "SIGN-VALUE", "does not verify");
    /* the digest of another message, put into SignedInfo */
    const char *other = "\n  <c:Goods note=\"a&amp;b\">9999</c:Goods><c:Note></c:Note>\n  ";
    struct made of_other = { .signer = &stranger,
                             .message = arena_printf(arena, "%s%s" ROOTEND, ROOT, other) };
    is_told(message_with(ROOT, other, signature_of(&of_other)), &rsa, "SIGN-VALUE", "does not verify");
    /* SM2 with another signer's id */
    is_told(message_with(ROOT, BODY, signature_of(&(struct made){ .signer = &sm2, .sm2_id = "1234" })), &sm2,
            "SIGN-VALUE", "does not verify");
}

static void other_algorithms_are_refused_by_name(void **state) {
    const struct {
        struct made made;
        const char *says;
    } refused[] = {
        { { .signer = &rsa, .form = C14N "#WithComments" },
          "CanonicalizationMethod is not accepted: " C14N "#With" },
        { { .signer = &rsa, .form = "http://www.w3.org/2001/10/xml-exc-c14n#" }, "xml-exc-c14n#" },
        { { .signer = &rsa, .method = DS "rsa-sha1" }, "SignatureMethod is not accepted: " DS "rsa-sha1" },
        { { .signer = &rsa, .method = DS "hmac-sha1" }, DS "hmac-sha1" },
        { { .signer = &rsa, .digest = DS "sha1" }, "DigestMethod is not accepted: " DS "sha1" },
        { { .signer = &rsa, .digest = SM3 }, "DigestMethod is not accepted: " SM3 },
        { { .signer = &sm2, .digest = SHA256 }, "DigestMethod is not accepted: " SHA256 },
        { { .signer = &rsa,
            .transforms =
                "<ds:Transform Algorithm=\"http://www.w3.org/TR/1999/REC-xslt-19991116\"></ds:Transform>" },
          "Transform is not accepted: http://www.w3.org/TR/1999/REC-xslt" },
        { { .signer = &rsa,
            .transforms = "<ds:Transform Algorithm=\"http://www.w3.org/TR/1999/REC-xpath-19991116\">"
                          "<ds:XPath>not(ancestor-or-self::ds:Signature)</ds:XPath></ds:Transform>" },
          "Transform is not accepted" },
        { { .signer = &rsa, .transforms = "<ds:Transform Algorithm=\"" C14N "\"></ds:Transform>" },
          "Transform is not accepted: " C14N },
    };
    (void)state;
    for (size_t i = 0; i < COUNT(refused); i++) {
        is_told(message_with(ROOT, BODY, signature_of(&refused[i].made)), refused[i].made.signer,
                "SIGN-ALGORITHM", refused[i].says);
    }
}

#define REFERENCE                                                                                \
    "<ds:Reference URI=\"\"><ds:Transforms></ds:Transforms><ds:DigestMethod Algorithm=\"" SHA256 \
    "\"></ds:DigestMethod><ds:DigestValue>AAAA</ds:DigestValue></ds:Reference>"

static void other_forms_are_refused_by_name(void **state) {
    const struct {
        struct made made;
        const char *says;
    } refused[] = {
        { { .signer = &rsa, .uri = " URI=\"#x\"" }, "to the whole message" },
        { { .signer = &rsa, .uri = " URI=\"http://example.org/a.xml\"" }, "to the whole message" },
        { { .signer = &rsa, .uri = "" }, "to the whole message" },
        { { .signer = &rsa, .more = REFERENCE }, "one SignedInfo/Reference" },
        { { .signer = &rsa, .transforms = "" }, "the transforms are" },
        { { .signer = &rsa,
            .transforms = "<ds:Transform Algorithm=\"" ENVELOPED "\"></ds:Transform>"
                          "<ds:Transform Algorithm=\"" C14N "\"></ds:Transform>"
                          "<ds:Transform Algorithm=\"" C14N "\"></ds:Transform>" },
          "the transforms are" },
        { { .signer = &rsa, .more = "<ds:Odd></ds:Odd>" }, "SignedInfo holds" },
    };
    (void)state;
    for (size_t i = 0; i < COUNT(refused); i++) {
        is_told(message_with(ROOT, BODY, signature_of(&refused[i].made)), refused[i].made.signer, "SIGN-FORM",
                refused[i].says);
    }
    const char *signature = signature_of(&(struct made){ .signer = &rsa });
    const char *behind = strstr(signature, "</ds:Signature>");
    const char *with_object = arena_printf(arena, "%.*s<ds:Object><c:Goods>1</c:Goods></ds:Object>%s",
                                           (int)(behind - signature), signature, behind);
    is_told(message_with(ROOT, BODY, with_object), &rsa, "SIGN-FORM", "and nothing else");
}

/* Signature wrapping: what was signed stands somewhere else, or another signature is looked at. */
static void a_signature_stands_in_one_place(void **state) {
    const char *signature = signature_of(&(struct made){ .signer = &rsa });
    const char *signed_message = message_with(ROOT, BODY, signature);
    const char *forged = "<c:Goods note=\"a&amp;b\">9999</c:Goods>";
    (void)state;
    is_told(message_with(ROOT, BODY, ""), &rsa, "SIGN-MISSING", "is not signed");
    /* the signed message as a part of another */
    is_told(arena_printf(arena, "<c:Order xmlns:c=\"urn:c\">%s%s</c:Order>", forged, signed_message), &rsa,
            "SIGN-FORM", "below its root");
    /* ... whose own signature is somebody else's */
    const char *own = signature_of(&(struct made){ .signer = &stranger });
    is_told(arena_printf(arena, "<c:Order xmlns:c=\"urn:c\">%s%s%s</c:Order>", forged, signed_message, own),
            &rsa, "SIGN-FORM", "one signature");
    /* two signatures side by side */
    is_told(message_with(ROOT, BODY, arena_printf(arena, "%s%s", signature, own)), &rsa, "SIGN-FORM",
            "one signature");
    /* one that another is hidden in */
    const char *behind = strstr(own, "<ds:KeyName>");
    const char *nested = arena_printf(arena, "%.*s%s%s", (int)(behind - own), own, signature, behind);
    is_told(message_with(ROOT, BODY, nested), &rsa, "SIGN-FORM", "one signature");
    /* the root itself is a signature */
    is_told(signature, &rsa, "SIGN-FORM", "below its root");
    /* an element of that name in another namespace is none */
    is_told(message_with(ROOT, "<Signature xmlns=\"urn:x\"/>", ""), &rsa, "SIGN-MISSING", "is not signed");
}

static void comments_and_entities_are_refused(void **state) {
    const char *signature = signature_of(&(struct made){ .signer = &rsa });
    (void)state;
    /* the canonical form is the same, and a reader that takes the first piece of text reads 10 */
    is_told(message_with(ROOT, "\n  <c:Goods note=\"a&amp;b\">10<!-- -->00</c:Goods><c:Note></c:Note>\n  ",
                         signature),
            &rsa, "SIGN-COMMENT", "no comment");
    is_told(message_with("<!-- --><c:Order xmlns:c=\"urn:c\" id=\"7\" version=\"1.0\">", BODY, signature),
            &rsa, "SIGN-COMMENT", "no comment");
    is_told(message_with(ROOT, "<?x y?>" BODY, signature), &rsa, "SIGN-COMMENT", "no instruction");
    is_told(message_with("<!DOCTYPE c:Order [<!ENTITY e \"1000\">]>" ROOT,
                         "\n  <c:Goods note=\"a&amp;b\">&e;</c:Goods><c:Note></c:Note>\n  ", signature),
            &rsa, "SIGN-FORM", "cannot be read");
    is_told(message_with("<!DOCTYPE c:Order [<!ATTLIST c:Order id CDATA \"7\">]>"
                         "<c:Order xmlns:c=\"urn:c\" version=\"1.0\">",
                         BODY, signature),
            &rsa, "SIGN-FORM", "cannot be read");
    is_told(message_with(ROOT, "&e;" BODY, signature), &rsa, "SIGN-FORM", "cannot be read");
}

/* --- on its way through the check ----------------------------------------------------------------------- */

#define GUID "3C1A7E00-5D42-4B6E-9A10-00000000000A"
#define CEB                                                                                              \
    "<ceb:CEB303Message xmlns:ceb=\"http://www.chinaport.gov.cn/ceb\" guid=\"" GUID "\""                 \
    " version=\"1.0\"><ceb:Order><ceb:OrderHead><ceb:guid>" GUID "</ceb:guid>"                           \
    "<ceb:appType>1</ceb:appType><ceb:appTime>20260528090000</ceb:appTime>"                              \
    "<ceb:appStatus>2</ceb:appStatus>"                                                                   \
    "<ceb:orderType>E</ceb:orderType><ceb:orderNo>O1</ceb:orderNo><ceb:ebpCode>3702986001</ceb:ebpCode>" \
    "<ceb:ebpName>A</ceb:ebpName><ceb:ebcCode>3702986001</ceb:ebcCode><ceb:ebcName>A</ceb:ebcName>"      \
    "<ceb:goodsValue>20</ceb:goodsValue><ceb:freight>0</ceb:freight><ceb:currency>502</ceb:currency>"    \
    "</ceb:OrderHead><ceb:OrderList><ceb:gnum>1</ceb:gnum><ceb:itemNo>1</ceb:itemNo>"                    \
    "<ceb:itemName>G</ceb:itemName>"                                                                     \
    "<ceb:unit>011</ceb:unit><ceb:currency>502</ceb:currency><ceb:qty>1</ceb:qty>"                       \
    "<ceb:price>20</ceb:price>"                                                                          \
    "<ceb:totalPrice>20</ceb:totalPrice></ceb:OrderList></ceb:Order><ceb:BaseTransfer>"                  \
    "<ceb:copCode>3702986001</ceb:copCode><ceb:copName>A</ceb:copName><ceb:dxpMode>DXP</ceb:dxpMode>"    \
    "<ceb:dxpId>DXPENT0000000001</ceb:dxpId></ceb:BaseTransfer>"
#define CEB_END "</ceb:CEB303Message>"

static const char *codes_of(struct checker *checker, const struct party *party, const char *message) {
    struct envelope env = { .party = party->code, .format = "", .file = "", .trace = "", .received = now };
    struct judgement judgement;
    struct buf codes;
    env.size = strlen(message);
    env.digest = digest_of(message, strlen(message));
    check_message(checker, &env, party, text_of(message), arena, &judgement);
    buf_init(&codes, 1 << 12);
    for (size_t i = 0; i < judgement.verdict.count; i++) {
        buf_printf(&codes, "%s%s", i ? " " : "", judgement.verdict.findings[i].code);
    }
    const char *copy = arena_copy(arena, buf_text(&codes));
    buf_release(&codes);
    return copy;
}

static void a_party_that_signs_is_held_to_it(void **state) {
    static const char *const roles[] = { "declarant" }, *const declares[] = { "3702986001" };
    const char *certificates[] = { sm2.certificate };
    struct party plain = { .code = "P", .roles = { roles, 1 }, .declares = { declares, 1 } }, signs = plain;
    struct edition_options options = { .schemas = SOURCE_DIR "/schemas" };
    struct edition *edition;
    struct verdict mistakes;
    (void)state;
    signs.signs = (struct party_list){ certificates, 1 };
    verdict_init(&mistakes, arena);
    assert_int_equal(edition_load(&options, &edition, &mistakes), STATUS_OK);
    struct judge *judge = judge_new(edition, &mistakes);
    struct checker *checker = checker_new(judge);
    struct made made = { .signer = &sm2, .message = CEB CEB_END };
    const char *info =
        signed_info(&made, " xmlns:ceb=\"http://www.chinaport.gov.cn/ceb\" xmlns:ds=\"" DS "\"");
    const char *signature = arena_printf(
        arena, "<ds:Signature xmlns:ds=\"" DS "\">%s<ds:SignatureValue>%s</ds:SignatureValue></ds:Signature>",
        signed_info(&made, ""), signature_text(&sm2, info, "1234567812345678"));
    const char *signed_message = arena_printf(arena, CEB "%s" CEB_END, signature);
    char *forged = (char *)arena_string(arena, signed_message);
    memcpy(strstr(forged, "<ceb:goodsValue>20"), "<ceb:goodsValue>90", 18);
    assert_string_equal(codes_of(checker, &signs, signed_message), "");
    assert_string_equal(codes_of(checker, &signs, forged), "SIGN-DIGEST");
    assert_string_equal(codes_of(checker, &signs, CEB CEB_END), "SIGN-MISSING");
    /* of a party without a certificate it is kept, and not looked at */
    assert_string_equal(codes_of(checker, &plain, forged), "");
    assert_string_equal(codes_of(checker, &plain, CEB CEB_END), "");
    checker_free(checker);
    judge_release(judge);
    edition_release(edition);
}

/* --- certificates --------------------------------------------------------------------------------------- */

static void only_certificates_that_can_be_believed_are_taken(void **state) {
    EVP_PKEY *weak = EVP_PKEY_Q_keygen(NULL, NULL, "RSA", (size_t)1024);
    EVP_PKEY *curve = EVP_PKEY_Q_keygen(NULL, NULL, "EC", "P-256");
    (void)state;
    const char *const refused[] = { certificate_of(weak, "SHA256", 1),
                                    certificate_of(curve, "SHA256", 1),
                                    "",
                                    "AAAA",
                                    "not base64",
                                    arena_printf(arena, "%.*s", (int)strlen(rsa.certificate) / 8 * 4,
                                                 rsa.certificate) };
    for (size_t i = 0; i < COUNT(refused); i++) {
        assert_null(public_key_of_base64(text_of(refused[i])));
    }
    struct public_key *key = public_key_of_base64(text_of(sm2.certificate));
    assert_non_null(key);
    assert_false(public_key_verify(key, SIGNATURE_RSA_SHA256, TEXT("bytes"), TEXT("signature")));
    public_key_free(key);
    EVP_PKEY_free(weak);
    EVP_PKEY_free(curve);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_message_verifies_by_its_senders_certificate),
        cmocka_unit_test(what_has_the_same_canonical_form_verifies),
        cmocka_unit_test(a_changed_message_is_not_what_was_signed),
        cmocka_unit_test(a_changed_signature_does_not_verify),
        cmocka_unit_test(other_algorithms_are_refused_by_name),
        cmocka_unit_test(other_forms_are_refused_by_name),
        cmocka_unit_test(a_signature_stands_in_one_place),
        cmocka_unit_test(comments_and_entities_are_refused),
        cmocka_unit_test(a_party_that_signs_is_held_to_it),
        cmocka_unit_test(only_certificates_that_can_be_believed_are_taken),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
