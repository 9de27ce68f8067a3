#include "http/http2_out.h"

void http2_out_init(struct http2_out *out, struct http_server *server, struct conn *conn)
{
    *out = (struct http2_out){.server = server, .conn = conn};
}

static void write_pieces(struct http2_out *out)
{
    conn_write(out->conn, out->pieces, out->count);
    for (size_t i = 0; i < out->count; i++)
        slice_unref(&out->pieces[i]);
    out->count = 0;
}

void http2_out_flush(struct http2_out *out)
{
    if (out->count > 0)
        write_pieces(out);
    out->len = 0;
}

void http2_out_put(struct http2_out *out, struct slice slice)
{
    struct slice *last = out->count > 0 ? &out->pieces[out->count - 1] : NULL;
    out->len += slice.len;
    if (last != NULL && last->chunk == slice.chunk && last->at + last->len == slice.at) {
        last->len += slice.len; /* one piece for the system to gather instead of two */
        return;
    }
    if (out->count == HTTP2_OUT_PIECES)
        write_pieces(out);
    out->pieces[out->count++] = slice_ref(slice);
}

void http2_out_put_bytes(struct http2_out *out, const uint8_t *bytes, size_t len)
{
    struct slice slice;
    memcpy(server_reserve_out(out->server, len, &slice), bytes, len);
    http2_out_put(out, slice);
}
