#include "client.h"

static struct site site;

/* onMetaData as encoders send it: an ECMA array of numbers and a string. */
static bool send_metadata(struct client *client, double video_kbps, double audio_kbps)
{
    struct buf out;
    buf_init(&out, 4096);
    put_amf_string(&out, "@setDataFrame");
    put_amf_string(&out, "onMetaData");
    buf_put_uint(&out, 8, 1);
    buf_put_uint(&out, 4, 4);
    const struct {
        const char *name;
        double value;
    } numbers[] = {{"framerate", 30}, {"videodatarate", video_kbps}, {"audiodatarate", audio_kbps}};
    for (size_t i = 0; i < 3; i++) {
        buf_put_uint(&out, strlen(numbers[i].name), 2);
        buf_put_cstr(&out, numbers[i].name);
        put_amf_number(&out, numbers[i].value);
    }
    buf_put_uint(&out, 7, 2);
    buf_put_cstr(&out, "encoder");
    put_amf_string(&out, "test encoder");
    buf_put_uint(&out, 9, 3);
    bool is_sent = client_message(client, 18, 0, out.at, out.len);
    buf_finish(&out);
    return is_sent;
}

static void both_tracks_make_it_complete(void)
{
    struct client client = client_publish(&site, KEY_A);
    CHECK(send_metadata(&client, 2500, 160));
    CHECK_EQ(1, site_wait(&site, "bitrate:AA:2660000", 1));
    CHECK(client_configure(&client, small_avcc, sizeof(small_avcc), true));
    CHECK(client_picture(&client, IDR));
    CHECK_EQ(1, site_wait(&site,
                          "config:AA:{\"video\":{\"codec\":\"avc1.4D400D\",\"avcProfile\":\"Main\","
                          "\"avcLevel\":\"1.3\",\"encoder\":\"test encoder\",\"videoWidth\":320,"
                          "\"videoHeight\":240,\"targetFramerate\":30,\"targetBitrate\":2500000},"
                          "\"audio\":{\"codec\":\"mp4a.40.2\",\"channels\":2,\"sampleRate\":48000,"
                          "\"targetBitrate\":160000}}\n",
                          1));
    /* A generation with the same format says nothing new; another one does. */
    CHECK(client_picture(&client, IDR));
    CHECK(client_configure(&client, large_avcc, sizeof(large_avcc), true));
    CHECK(client_picture(&client, IDR));
    CHECK_EQ(1, site_wait(&site, "\"videoWidth\":640", 1));
    CHECK_EQ(2, site_count(&site, "config:AA"));
    client_close(&client);
}

/* Without audio, and with rates nobody tells: after 10 s, as measured. */
static void what_nobody_tells_is_measured_for_ten_seconds(void)
{
    struct client client = client_publish(&site, KEY_A);
    CHECK(send_metadata(&client, 0, 0));
    CHECK(client_configure(&client, small_avcc, sizeof(small_avcc), false));
    CHECK(client_picture(&client, IDR));
    const struct timespec nap = {.tv_nsec = 40000000};
    for (int i = 0; i < 270 && site_count(&site, "config:AA") == 0; i++) {
        CHECK(client_picture(&client, INTER));
        nanosleep(&nap, NULL);
    }
    CHECK_EQ(1, site_wait(&site, "config:AA", 1));
    const char *bitrate = strstr(site.record, "\"targetBitrate\":");
    CHECK(bitrate != NULL);
    long bps = bitrate != NULL ? strtol(bitrate + strlen("\"targetBitrate\":"), NULL, 10) : 0;
    CHECK(bps >= 15000 && bps <= 22000); /* 109 bytes, 25 times a second or a little less */
    CHECK(strstr(site.record, "\"audio\"") == NULL);
    client_close(&client);
}

static void in_a_site(void (*test)(void))
{
    site_open(&site, NULL);
    test();
    site_close(&site);
}

static void configurations(void)
{
    in_a_site(both_tracks_make_it_complete);
    in_a_site(what_nobody_tells_is_measured_for_ten_seconds);
}

int main(void)
{
    RUN(configurations);
    return check_report();
}
