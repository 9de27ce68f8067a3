#include "mail/letter.h"

#include "check.h"

#include <string.h>

static const struct mail_letter reset = {.kind = MAIL_RESET,
                                         .to = {"jdoe@example.org", 16},
                                         .name = {"J.Doe", 5},
                                         .code = {{"abc-_123", 8}}};

static bool has(struct str text, const char *part)
{
    return memmem(text.at, text.len, part, strlen(part)) != NULL;
}

static void the_link_names_code_and_account(void)
{
    struct buf link;
    buf_init(&link, LETTER_LINK_MAX);
    letter_put_link(&reset, "https://klieg.example", &link);
    CHECK(
        str_equal(STR("https://klieg.example/reset?code=abc-_123&username=J.Doe"), buf_str(&link)));
    buf_clear(&link);
    struct mail_letter confirm = reset;
    confirm.kind = MAIL_CONFIRM;
    letter_put_link(&confirm, "https://klieg.example", &link);
    CHECK(
        str_equal(STR("https://klieg.example/login?code=abc-_123&username=J.Doe"), buf_str(&link)));
    buf_finish(&link);
}

static void a_letter_has_head_text_and_html(void)
{
    struct random random = random_seeded(1);
    struct letter_site site = {.from = "no-reply@klieg.example",
                               .client_base_url = "https://klieg.example",
                               .random = &random,
                               .now_us = INT64_C(1790000000) * 1000000};
    struct buf out;
    buf_init(&out, LETTER_MAX);
    letter_put(&reset, &site, &out);
    CHECK(!out.failed);
    struct str text = buf_str(&out);
    CHECK(has(text, "From: Klieg <no-reply@klieg.example>\r\n"));
    CHECK(has(text, "\r\nTo: <jdoe@example.org>\r\n"));
    CHECK(has(text, "\r\nSubject: Reset your password\r\n"));
    CHECK(has(text, "\r\nDate: Mon, 21 Sep 2026 14:13:20 +0000\r\n"));
    CHECK(has(text, "@klieg.example>\r\n"));
    CHECK(has(text, "\r\nContent-Type: text/plain; charset=utf-8\r\n"));
    CHECK(has(text, "\r\nhttps://klieg.example/reset?code=abc-_123&username=J.Doe\r\n"));
    CHECK(has(text, "href=\"https://klieg.example/reset?code=abc-_123&amp;username=J.Doe\""));
    CHECK(has(text, "--\r\n"));
    /* No line that a mail server may refuse. */
    size_t length = 0;
    for (size_t i = 0; i < text.len; i++) {
        length = text.at[i] == '\n' ? 0 : length + 1;
        CHECK(length < 998);
        CHECK(text.at[i] != '\n' || text.at[i - 1] == '\r');
    }
    buf_finish(&out);
}

int main(void)
{
    RUN(the_link_names_code_and_account);
    RUN(a_letter_has_head_text_and_html);
    return check_report();
}
