#include "mail/letter.h"

#include <stdio.h>
#include <time.h>

enum { BOUNDARY_LEN = 24 };

static const struct {
    const char *page, *subject, *ask, *button, *otherwise;
} words[] = {
    [MAIL_CONFIRM] = {"login", "Confirm your e-mail address",
                      "Please confirm your e-mail address to start using your account.",
                      "Confirm e-mail address",
                      "If you did not register, ignore this mail: the account is removed."},
    [MAIL_RESET] = {"reset", "Reset your password",
                    "Somebody, hopefully you, asked for a new password for your account.",
                    "Choose a new password",
                    "If it was not you, ignore this mail: your password stays as it is."},
};

/* Names and codes consist of characters that a query takes as they are. */
void letter_put_link(const struct mail_letter *letter, const char *client_base_url, struct buf *out)
{
    buf_printf(out, "%s/%s?code=", client_base_url, words[letter->kind].page);
    buf_put_str(out, letter->code.value);
    buf_put_cstr(out, "&username=");
    buf_put_str(out, letter->name);
}

static void put_date(int64_t now_us, struct buf *out)
{
    static const char *const days[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    static const char *const months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                         "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    time_t seconds = (time_t)(now_us / 1000000);
    struct tm tm;
    (void)gmtime_r(&seconds, &tm); /* fails for years beyond int only */
    buf_printf(out, "Date: %s, %02d %s %d %02d:%02d:%02d +0000\r\n", days[tm.tm_wday], tm.tm_mday,
               months[tm.tm_mon], tm.tm_year + 1900, tm.tm_hour, tm.tm_min, tm.tm_sec);
}

static void put_head(const struct mail_letter *letter, const struct letter_site *site,
                     const char *boundary, struct buf *out)
{
    char id[BOUNDARY_LEN + 1];
    random_alnum(site->random, id, BOUNDARY_LEN);
    const char *at = strrchr(site->from, '@');
    buf_printf(out, "From: Klieg <%s>\r\nTo: <%.*s>\r\nSubject: %s\r\n", site->from,
               (int)letter->to.len, letter->to.at, words[letter->kind].subject);
    put_date(site->now_us, out);
    buf_printf(out, "Message-ID: <%s@%s>\r\n", id, at != NULL ? at + 1 : "localhost");
    buf_printf(out,
               "Auto-Submitted: auto-generated\r\nMIME-Version: 1.0\r\n"
               "Content-Type: multipart/alternative; boundary=\"%s\"\r\n",
               boundary);
}

/* The ampersand of the link, for HTML. */
static void put_escaped(struct str text, struct buf *out)
{
    for (size_t i = 0; i < text.len; i++) {
        if (text.at[i] == '&')
            buf_put_cstr(out, "&amp;");
        else
            buf_put(out, &text.at[i], 1);
    }
}

static void put_text(const struct mail_letter *letter, struct str link, struct buf *out)
{
    buf_printf(out, "Hello %.*s,\r\n\r\n%s\r\n\r\n", (int)letter->name.len, letter->name.at,
               words[letter->kind].ask);
    buf_put_str(out, link);
    buf_printf(out, "\r\n\r\n%s\r\n", words[letter->kind].otherwise);
}

static void put_html(const struct mail_letter *letter, struct str link, struct buf *out)
{
    buf_printf(out, "<!doctype html>\r\n<html lang=\"en\"><body>\r\n<p>Hello %.*s,</p>\r\n",
               (int)letter->name.len, letter->name.at);
    buf_printf(out, "<p>%s</p>\r\n<p><a href=\"", words[letter->kind].ask);
    put_escaped(link, out);
    buf_printf(out, "\">%s</a></p>\r\n<p>%s</p>\r\n</body></html>\r\n", words[letter->kind].button,
               words[letter->kind].otherwise);
}

void letter_put(const struct mail_letter *letter, const struct letter_site *site, struct buf *out)
{
    char boundary[BOUNDARY_LEN + 1];
    random_alnum(site->random, boundary, BOUNDARY_LEN);
    struct buf link;
    buf_init(&link, LETTER_LINK_MAX);
    letter_put_link(letter, site->client_base_url, &link);

    put_head(letter, site, boundary, out);
    buf_printf(out,
               "\r\n--%s\r\nContent-Type: text/plain; charset=utf-8\r\n"
               "Content-Transfer-Encoding: 8bit\r\n\r\n",
               boundary);
    put_text(letter, buf_str(&link), out);
    buf_printf(out,
               "\r\n--%s\r\nContent-Type: text/html; charset=utf-8\r\n"
               "Content-Transfer-Encoding: 8bit\r\n\r\n",
               boundary);
    put_html(letter, buf_str(&link), out);
    buf_printf(out, "\r\n--%s--\r\n", boundary);
    buf_finish(&link);
}
