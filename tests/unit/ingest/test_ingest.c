#include "client.h"

static struct site site;

#define CHANNEL_A "channelAA012"

static void on_put(void *arg, enum err err)
{
    CHECK(loop_is_current(site.loops[1]));
    site_note(&site, "put:%s:%d\n", (const char *)arg, err);
}

struct text {
    const char *at;
    size_t len;
};

static void put(struct loop *loop, void *arg)
{
    const struct text *text = arg;
    static char name[] = "it";
    ingest_put_metadata(site.ingest, loop, STR(CHANNEL_A), (struct str){text->at, text->len},
                        on_put, name);
}

/* From the second loop; the answer is in the record. */
static void put_text(const char *at, size_t len, enum err want)
{
    struct text text = {at, len};
    char line[32];
    (void)snprintf(line, sizeof(line), "put:it:%d\n", want);
    size_t before = site_count(&site, "put:it");
    size_t before_it = site_count(&site, line);
    loop_post(site.loops[1], put, &text);
    CHECK_EQ(before + 1, site_wait(&site, "put:it", before + 1));
    CHECK_EQ(before_it + 1, site_count(&site, line));
}

static void metadata_reaches_the_source(void)
{
    char longest[1025];
    memset(longest, 'x', sizeof(longest));
    put_text("hello", 5, ERR_NOT_FOUND); /* nobody is live */
    struct client client = client_go_live(&site, KEY_A);
    CHECK_EQ(1, site_wait(&site, "frame:AA:K", 1));
    put_text("hello", 5, ERR_OK);
    CHECK_EQ(1, site_wait(&site, "metadata:AA:1:hello\n", 1));
    put_text("gr\xc3\xbc\xc3\x9f"
             "e",
             7, ERR_OK);
    CHECK_EQ(1, site_wait(&site,
                          "metadata:AA:2:gr\xc3\xbc\xc3\x9f"
                          "e\n",
                          1));
    put_text(longest, 1024, ERR_OK);
    CHECK_EQ(1, site_wait(&site, "metadata:AA:3:", 1));
    put_text(longest, 1025, ERR_MALFORMED);
    put_text("", 0, ERR_MALFORMED);
    put_text("a\0b", 3, ERR_MALFORMED);
    put_text("\xff\xfe", 2, ERR_MALFORMED);
    client_close(&client);
}

/* MD-t4: five in a burst, in order; the sixth is refused. */
static void five_a_second_are_taken(void)
{
    struct client client = client_go_live(&site, KEY_A);
    CHECK_EQ(1, site_wait(&site, "frame:AA:K", 1));
    for (int i = 0; i < 6; i++) {
        static struct text text = {"burst", 5};
        loop_post(site.loops[1], put, &text);
    }
    CHECK_EQ(6, site_wait(&site, "put:it", 6));
    CHECK_EQ(5, site_count(&site, "put:it:0\n"));
    CHECK_EQ(1, site_count(&site, "put:it:5\n")); /* ERR_LIMIT */
    CHECK_EQ(1, site_count(&site, "metadata:AA:1:burst\nmetadata:AA:2:burst\nmetadata:AA:3:burst\n"
                                  "metadata:AA:4:burst\nmetadata:AA:5:burst\n"));
    client_close(&client);
}

static void stop(const char *channel, enum ingest_stop why, const char *reason)
{
    ingest_stop(site.ingest, str_of(channel), why, str_of(reason));
}

static void a_stop_says_why_and_keeps_the_encoder_off(void)
{
    static const struct {
        enum ingest_stop why;
        const char *event;
    } cases[] = {
        {INGEST_STOPPED, "event:AA:Session Ended/Stopped"},
        {INGEST_KEY_RESET, "event:AA:Session Ended/KeyReset"},
        {INGEST_LIMIT, "event:AA:Session Ended/IngestLimit"},
    };
    for (size_t i = 0; i < 3; i++) {
        site_open(&site, NULL);
        struct client client = client_go_live(&site, KEY_A);
        struct client probed = client_publish(&site, KEY_A);
        CHECK_EQ(1, site_wait(&site, "frame:AA:K", 1));
        stop("channelBB012", cases[i].why, "Nobody's concern.");
        stop("a name that is longer than any channel's id", cases[i].why, "");
        stop(CHANNEL_A, cases[i].why, "The owner said so.");
        CHECK(client_wait_closed(&client));
        CHECK(strstr(client.got, "NetStream.Publish.Rejected") != NULL);
        CHECK(strstr(client.got, "The owner said so.") != NULL);
        CHECK(client_wait_closed(&probed));
        CHECK(strstr(probed.got, "The owner said so.") != NULL);
        CHECK_EQ(1, site_wait(&site, cases[i].event, 1));
        CHECK_EQ(1, site_wait(&site, "closed:AA", 1));
        client_close(&client);
        client_close(&probed);
        client = client_connect(&site);
        CHECK(client_ask(&client, "app", KEY_A));
        if (cases[i].why == INGEST_KEY_RESET) { /* this would be the new one */
            CHECK(client_wait(&client, START));
            client_close(&client);
        } else {
            client_check_refused(&client, "NetStream.Publish.BadName", "The owner said so.");
        }
        site_close(&site);
    }
}

static void report(struct loop *loop, void *arg)
{
    struct event_batch batch = {0};
    (void)loop;
    event_add(&batch, 1, EVENT_LIMIT, "Ingest Bitrate", NULL);
    pthread_mutex_lock(&site.lock);
    char stream_id[INGEST_STREAM_ID_LEN + 1];
    memcpy(stream_id, site.stream_id, sizeof(stream_id));
    pthread_mutex_unlock(&site.lock);
    ingest_report(site.ingest, STR(CHANNEL_A), arg != NULL ? STR("st-other") : str_of(stream_id),
                  &batch);
    site_note(&site, "reported\n");
}

static void reports_go_with_the_session(void)
{
    struct client client = client_go_live(&site, KEY_A);
    CHECK_EQ(1, site_wait(&site, "frame:AA:K", 1));
    struct loop *home = ingest_home_loop(site.ingest, STR(CHANNEL_A));
    loop_post(home, report, &site); /* of a session that is no more */
    loop_post(home, report, NULL);
    CHECK_EQ(2, site_wait(&site, "reported", 2));
    CHECK_EQ(1, site_count(&site, "event:AA:Ingest Bitrate/\n"));
    client_close(&client);
    CHECK_EQ(1, site_wait(&site, "ended:AA error=1", 1));
}

static void everything_of_a_channel_is_on_one_loop(void)
{
    unsigned on_first = 0;
    for (int i = 0; i < 1000; i++) {
        char id[16];
        int len = snprintf(id, sizeof(id), "%012d", i * 7919);
        struct loop *home = ingest_home_loop(site.ingest, (struct str){id, (size_t)len});
        CHECK(home == ingest_home_loop(site.ingest, (struct str){id, (size_t)len}));
        on_first += home == site.loops[0];
    }
    CHECK(on_first > 400 && on_first < 600);
}

/* As of a connection that another server had begun to read. */
static void connections_may_come_with_bytes_that_were_read(void)
{
    site.takes_c0 = true;
    struct client client = client_connect(&site);
    static const uint8_t c1[1536];
    CHECK(client_send(&client, c1, sizeof(c1)));
    while (client.len < 1 + 2 * sizeof(c1) && client_receive(&client)) {
    }
    CHECK_EQ(1 + 2 * sizeof(c1), client.len);
    CHECK_EQ(3, client.got[0]);
    client_close(&client);
}

static void a_drain_ends_everything(void)
{
    struct client live = client_go_live(&site, KEY_A);
    struct client probed = client_publish(&site, KEY_A);
    struct client young = client_connect(&site);
    CHECK(client_shake_hands(&young));
    struct client lost = client_go_live(&site, KEY_B);
    CHECK_EQ(1, site_wait(&site, "frame:AA:K", 1));
    CHECK_EQ(1, site_wait(&site, "frame:BB:K", 1));
    site_close(&site); /* drains */
    CHECK(client_wait_closed(&live));
    CHECK(strstr(live.got, "error") == NULL); /* so that it comes again by itself */
    CHECK(client_wait_closed(&probed));
    CHECK(client_wait_closed(&young));
    CHECK(client_wait_closed(&lost));
    CHECK_EQ(1, count_in(site.record, "event:AA:Session Ended/ServerRestart"));
    CHECK_EQ(1, count_in(site.record, "event:BB:Session Ended/ServerRestart"));
    CHECK_EQ(1, count_in(site.record, "last:AA\nclosed:AA\n"));
    client_close(&live);
    client_close(&probed);
    client_close(&young);
    client_close(&lost);
}

static void who_has_not_connected_yet_is_told_of_the_restart(void)
{
    struct client young = client_connect(&site);
    CHECK(client_shake_hands(&young));
    CHECK(client_message(&young, 1, 0, "\0\0\x10\0", 4));
    struct client live = client_go_live(&site, KEY_A); /* by now, the first has shaken hands */
    CHECK_EQ(1, site_wait(&site, "frame:AA:K", 1));
    ingest_drain(site.ingest, site_drained, &site);
    CHECK_EQ(1, site_wait(&site, "closed:AA", 1));
    struct client late = client_connect(&site); /* the listener is still there */
    CHECK(client_wait_closed(&late));
    CHECK(client_command(&young, "connect", 1, "app", NULL));
    client_check_refused(&young, "NetConnection.Connect.Rejected",
                         "The server is restarting. Try again in a moment.");
    client_close(&live);
    client_close(&late);
    site_stop(&site);
}

static void in_a_site(void (*test)(void))
{
    site_open(&site, NULL);
    test();
    site_close(&site);
}

static void metadata(void)
{
    in_a_site(metadata_reaches_the_source);
    in_a_site(five_a_second_are_taken);
}

static void stops(void)
{
    a_stop_says_why_and_keeps_the_encoder_off();
    site_open(&site, NULL);
    a_drain_ends_everything();
    site_open(&site, NULL);
    who_has_not_connected_yet_is_told_of_the_restart();
}

static void homes(void)
{
    in_a_site(reports_go_with_the_session);
    in_a_site(everything_of_a_channel_is_on_one_loop);
    in_a_site(connections_may_come_with_bytes_that_were_read);
}

int main(void)
{
    RUN(metadata);
    RUN(stops);
    RUN(homes);
    return check_report();
}
