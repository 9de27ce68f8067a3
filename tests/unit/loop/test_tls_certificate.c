#include "tls_client.h"

#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <sys/stat.h>

static X509 *read_certificate(const char *name)
{
    FILE *file = fopen(name, "r");
    CHECK(file != NULL);
    X509 *cert = file != NULL ? PEM_read_X509(file, NULL, NULL, NULL) : NULL;
    CHECK(cert != NULL);
    if (file != NULL)
        CHECK_EQ(0, fclose(file));
    return cert;
}

static void it_is_for_this_machine_and_a_year(void)
{
    struct credentials files;
    credentials_make(&files);
    X509 *cert = read_certificate(files.cert);
    CHECK_EQ(1, X509_check_host(cert, "localhost", 0, 0, NULL));
    CHECK_EQ(1, X509_check_ip_asc(cert, "127.0.0.1", 0));
    CHECK_EQ(1, X509_check_ip_asc(cert, "::1", 0));
    CHECK_EQ(0, X509_check_host(cert, "example.com", 0, 0, NULL));
    CHECK_EQ(1, X509_verify(cert, X509_get0_pubkey(cert)));
    CHECK_EQ(0, X509_check_ca(cert));

    int days = 0;
    int seconds = 0;
    CHECK_EQ(1, ASN1_TIME_diff(&days, &seconds, NULL, X509_get0_notAfter(cert)));
    CHECK(days == 364 || days == 365);
    CHECK_EQ(-1, X509_cmp_current_time(X509_get0_notBefore(cert)));
    char group[32] = "";
    CHECK_EQ(1, EVP_PKEY_get_group_name(X509_get0_pubkey(cert), group, sizeof(group), NULL));
    CHECK(strcmp("prime256v1", group) == 0);
    X509_free(cert);
    credentials_remove(&files);
}

static void the_files_are_private(void)
{
    struct credentials files;
    mode_t before = umask(0);
    credentials_make(&files);
    (void)umask(before); /* never fails */
    struct stat status;
    CHECK_EQ(0, stat(files.key, &status));
    CHECK_EQ(0600, status.st_mode & 07777);
    CHECK_EQ(0, stat(files.cert, &status));
    CHECK_EQ(0600, status.st_mode & 07777);
    credentials_remove(&files);
}

static void no_two_are_alike(void)
{
    struct credentials files[2];
    X509 *certs[2];
    for (size_t i = 0; i < 2; i++) {
        credentials_make(&files[i]);
        certs[i] = read_certificate(files[i].cert);
    }
    CHECK(ASN1_INTEGER_cmp(X509_get0_serialNumber(certs[0]), X509_get0_serialNumber(certs[1])) !=
          0);
    CHECK_EQ(0, EVP_PKEY_eq(X509_get0_pubkey(certs[0]), X509_get0_pubkey(certs[1])));
    for (size_t i = 0; i < 2; i++) {
        X509_free(certs[i]);
        credentials_remove(&files[i]);
    }
}

static long size_of(const char *name)
{
    struct stat status;
    return stat(name, &status) == 0 ? (long)status.st_size : -1;
}

/* A file that is there is never overwritten, and a half-made pair never left behind. */
static void files_must_be_new(void)
{
    struct credentials files;
    credentials_make(&files);
    long cert_size = size_of(files.cert);
    long key_size = size_of(files.key);
    CHECK_EQ(ERR_IO, tls_write_development_certificate(files.cert, files.key));
    CHECK_EQ(cert_size, size_of(files.cert));
    CHECK_EQ(key_size, size_of(files.key));

    CHECK_EQ(0, unlink(files.key));
    CHECK_EQ(ERR_IO, tls_write_development_certificate(files.cert, files.key));
    CHECK_EQ(-1, size_of(files.key));
    CHECK_EQ(cert_size, size_of(files.cert));
    CHECK_EQ(ERR_IO, tls_write_development_certificate("/nowhere/cert.pem", files.key));
    CHECK_EQ(-1, size_of(files.key));
    CHECK_EQ(ERR_IO, tls_write_development_certificate(files.cert, "/nowhere/key.pem"));
    credentials_remove(&files);
}

int main(void)
{
    RUN(it_is_for_this_machine_and_a_year);
    RUN(the_files_are_private);
    RUN(no_two_are_alike);
    RUN(files_must_be_new);
    return check_report();
}
