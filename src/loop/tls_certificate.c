#include "loop/tls.h"

#include "base/random.h"
#include "log/log.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const long a_year_s = 365 * 86400L;
static const long an_hour_s = 3600; /* clocks of two machines may differ */

static bool add_extension(X509 *cert, int nid, const char *value)
{
    X509V3_CTX context;
    X509V3_set_ctx(&context, cert, cert, NULL, NULL, 0);
    X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, &context, nid, value);
    bool added = extension != NULL && X509_add_ext(cert, extension, -1) == 1;
    X509_EXTENSION_free(extension);
    return added;
}

static bool set_serial(X509 *cert)
{
    uint64_t serial = 0;
    random_fill(random_system(), &serial, sizeof(serial));
    return ASN1_INTEGER_set_uint64(X509_get_serialNumber(cert), serial >> 1) == 1;
}

static bool fill_in(X509 *cert, EVP_PKEY *key)
{
    X509_NAME *name = X509_get_subject_name(cert);
    return X509_set_version(cert, X509_VERSION_3) == 1 && set_serial(cert) &&
           X509_gmtime_adj(X509_getm_notBefore(cert), -an_hour_s) != NULL &&
           X509_gmtime_adj(X509_getm_notAfter(cert), a_year_s) != NULL &&
           X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, (const uint8_t *)"localhost", -1,
                                      -1, 0) == 1 &&
           X509_set_issuer_name(cert, name) == 1 && X509_set_pubkey(cert, key) == 1 &&
           add_extension(cert, NID_subject_alt_name, "DNS:localhost,IP:127.0.0.1,IP:::1") &&
           add_extension(cert, NID_basic_constraints, "critical,CA:FALSE") &&
           add_extension(cert, NID_ext_key_usage, "serverAuth") &&
           X509_sign(cert, key, EVP_sha256()) > 0;
}

/* NULL, with a log line, when it cannot be made; the name must be new. */
static FILE *create_file(const char *name)
{
    int fd = open(name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, S_IRUSR | S_IWUSR);
    FILE *file = fd >= 0 ? fdopen(fd, "w") : NULL;
    if (file == NULL)
        log_error("tls", "cannot write", "file=%s error=%s", name, strerrorname_np(errno));
    if (file == NULL && fd >= 0)
        (void)close(fd); /* whatever it says, the descriptor is gone */
    return file;
}

static bool close_file(FILE *file)
{
    return file == NULL || fclose(file) == 0;
}

static enum err write_files(X509 *cert, EVP_PKEY *key, const char *cert_file, const char *key_file)
{
    FILE *key_out = create_file(key_file);
    if (key_out == NULL)
        return ERR_IO;
    FILE *cert_out = create_file(cert_file);
    bool written = cert_out != NULL && PEM_write_X509(cert_out, cert) == 1 &&
                   PEM_write_PrivateKey(key_out, key, NULL, NULL, 0, NULL, NULL) == 1;
    bool cert_closed = close_file(cert_out);
    if (close_file(key_out) && cert_closed && written)
        return ERR_OK;
    (void)unlink(key_file); /* it was new, so it is ours */
    if (cert_out != NULL)
        (void)unlink(cert_file); /* likewise */
    return ERR_IO;
}

enum err tls_write_development_certificate(const char *cert_file, const char *key_file)
{
    EVP_PKEY *key = EVP_EC_gen("P-256");
    X509 *cert = X509_new();
    enum err err = ERR_IO;
    if (key != NULL && cert != NULL && fill_in(cert, key))
        err = write_files(cert, key, cert_file, key_file);
    X509_free(cert);
    EVP_PKEY_free(key);
    return err;
}
