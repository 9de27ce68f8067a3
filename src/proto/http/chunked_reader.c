#include "proto/http/chunked_reader.h"

#include "proto/http/chars.h"

enum state {
    SIZE,      /* hex digits */
    EXTENSION, /* after the size, to the end of the line */
    SIZE_LF,
    DATA,
    DATA_CR,
    DATA_LF,
    TRAILER_START, /* of a line */
    TRAILER,
    TRAILER_LF,
    LAST_LF,
    DONE,
};

enum { MAX_DIGITS = 8 }; /* 4 GiB; what a body may have is the server's affair */

static enum err size_byte(struct http_chunked *chunked, uint8_t c)
{
    int digit = http_hex_digit(c);
    if (digit >= 0) {
        chunked->left = chunked->left << 4 | (unsigned)digit;
        return ++chunked->digits > MAX_DIGITS ? ERR_MALFORMED : ERR_OK;
    }
    if (chunked->digits == 0 || (c != '\r' && c != ';' && !http_is_space(c)))
        return ERR_MALFORMED;
    chunked->state = c == '\r' ? SIZE_LF : EXTENSION;
    return ERR_OK;
}

/* A line feed, at a place where a line ends. */
static enum err end_line(struct http_chunked *chunked)
{
    switch (chunked->state) {
    case SIZE_LF:
        chunked->state = chunked->left > 0 ? DATA : TRAILER_START;
        chunked->overhead = 0;
        return ERR_OK;
    case DATA_LF:
        *chunked = (struct http_chunked){.state = SIZE};
        return ERR_OK;
    case TRAILER_LF:
        chunked->state = TRAILER_START;
        return ERR_OK;
    default:
        chunked->state = DONE;
        return ERR_OK;
    }
}

/* One byte of what is not data. */
static enum err framing_byte(struct http_chunked *chunked, uint8_t c)
{
    bool is_cr = c == '\r';
    if (++chunked->overhead > HTTP_CHUNKED_MAX_OVERHEAD)
        return ERR_MALFORMED;

    switch (chunked->state) {
    case SIZE:
        return size_byte(chunked, c);
    case EXTENSION:
    case TRAILER:
        if (is_cr)
            chunked->state = chunked->state == EXTENSION ? SIZE_LF : TRAILER_LF;
        return is_cr || http_is_value_char(c) ? ERR_OK : ERR_MALFORMED;
    case DATA_CR:
        chunked->state = DATA_LF;
        return is_cr ? ERR_OK : ERR_MALFORMED;
    case TRAILER_START:
        chunked->state = is_cr ? LAST_LF : TRAILER;
        return is_cr || http_is_token_char(c) ? ERR_OK : ERR_MALFORMED;
    default:
        return c == '\n' ? end_line(chunked) : ERR_MALFORMED;
    }
}

enum err http_chunked_read(struct http_chunked *chunked, struct str *bytes, struct str *out)
{
    while (chunked->state != DONE && bytes->len > 0) {
        if (chunked->state == DATA) {
            size_t len = chunked->left < bytes->len ? (size_t)chunked->left : bytes->len;
            *out = (struct str){.at = bytes->at, .len = len};
            bytes->at += len;
            bytes->len -= len;
            chunked->left -= len;
            if (chunked->left == 0)
                chunked->state = DATA_CR;
            return ERR_OK;
        }
        enum err err = framing_byte(chunked, (uint8_t)bytes->at[0]);
        if (err != ERR_OK)
            return err;
        bytes->at++;
        bytes->len--;
    }
    return chunked->state == DONE ? ERR_END : ERR_AGAIN;
}
