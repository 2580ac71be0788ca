package io.millrace.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.millrace.contracts.Topics;
import io.millrace.contracts.Topics.Split;
import io.millrace.contracts.data.v1.Sample;
import io.millrace.contracts.record.Samples;
import io.millrace.data.DataServiceClient.Answer;
import io.millrace.data.fixture.CommittedRecords;
import io.millrace.platform.kafka.KafkaClients;
import io.millrace.testing.OddPictures;
import io.millrace.testing.OddPictures.OddPicture;
import io.millrace.testing.TestServers;
import java.net.URLEncoder;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** Pictures of every kind become samples of the right size and colour, or are refused. */
class OddPicturesTest {

  private static DataServiceClient client;

  @BeforeAll
  static void start() {
    client = new DataServiceClient(TestServers.properties());
  }

  @AfterAll
  static void stop() {
    client.close();
  }

  private static void dataset(String name) {
    Answer created =
        client.post(
            "/api/datasets",
            """
            {"name":"%s","kind":"images","classes":["thing","never"],"image_width":64,
             "image_height":64,"heldout_percent":0,"rejected_warn_percent":100}\
            """
                .formatted(name));
    assertThat(created.status()).as(created.detail()).isEqualTo(201);
  }

  private static String encoded(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8);
  }

  private static Answer upload(String dataset, OddPicture picture, String boxes) {
    return client.send(
        "POST",
        "/api/datasets/%s/documents?id=%s&boxes=%s"
            .formatted(dataset, encoded(picture.name()), encoded(boxes)),
        picture.type(),
        BodyPublishers.ofByteArray(picture.encoded()));
  }

  /** Boxes at the lower right end of what a person sees. */
  private static String box(OddPicture picture) {
    return "[{\"x\":%d,\"y\":%d,\"width\":1,\"height\":1,\"label\":\"thing\"}]"
        .formatted(Math.max(picture.width(), 1) - 1, Math.max(picture.height(), 1) - 1);
  }

  @Test
  void everyPictureIsTakenAsItIsSeenOrRefusedWithAReason() throws Exception {
    dataset("odd");
    Map<String, OddPicture> wanted = new HashMap<>();
    Map<String, OddPicture> undecodable = new HashMap<>();
    for (OddPicture picture : OddPictures.all()) {
      Answer answer = upload("odd", picture, box(picture));
      if (answer.status() == 200) {
        (picture.isGood() ? wanted : undecodable).put(picture.name(), picture);
      } else {
        assertThat(answer.status()).as("%s: %s", picture, answer.detail()).isEqualTo(400);
        assertThat(answer.detail())
            .as(picture.name())
            .startsWith("the picture: ")
            .contains(picture.refusal());
        assertThat(picture.isGood()).as("%s: %s", picture, answer.detail()).isFalse();
      }
    }
    // What only decoding can find is found in preparation.
    assertThat(undecodable).containsOnlyKeys("PNG of broken pixels");

    JsonNode counts = client.post("/api/datasets/odd/snapshots", "{}").body().path("counts");
    assertThat(counts.path("boxes").asInt()).isEqualTo(wanted.size());
    assertThat(counts.path("rejected").asInt()).isEqualTo(undecodable.size());
    client.awaitRejected("odd", undecodable.size());
    JsonNode rejected = client.get("/api/datasets/odd/rejected").body().path("rejected");
    assertThat(rejected.toString()).contains("cannot be decoded", "save it again as an RGB PNG");
    List<Sample> samples = samples("odd");
    assertThat(samples).hasSize(wanted.size());
    for (Sample sample : samples) {
      requireSame(sample, Objects.requireNonNull(wanted.get(sample.getDocumentId())));
    }
  }

  private static void requireSame(Sample sample, OddPicture picture) {
    // Long ones are scaled down.
    assertThat(sample.getWidth())
        .as(picture.name())
        .isEqualTo(Math.max(1, Math.round(picture.width() * sample.getScale())));
    assertThat(sample.getHeight())
        .as(picture.name())
        .isEqualTo(Math.max(1, Math.round(picture.height() * sample.getScale())));
    byte[] rgb = Samples.rgb(sample);
    for (int channel = 0; channel < 3 && picture.rgb() >= 0; channel++) {
      int right = picture.rgb() >> 8 * (2 - channel) & 0xff;
      for (int at = channel; at < rgb.length; at += 3) {
        assertThat(rgb[at] & 0xff).as(picture.name()).isCloseTo(right, within(4));
      }
    }
  }

  /** Pictures without objects, a class that never occurs, and as many boxes as there may be. */
  @Test
  void boxesMayBeNoneOrManyButNotTooMany() {
    dataset("boxes");
    OddPicture picture =
        OddPictures.all().stream().filter(OddPicture::isGood).skip(9).findFirst().orElseThrow();
    Answer none = upload("boxes", picture, "[]");
    assertThat(none.body().path("accepted").asInt()).as(none.detail()).isEqualTo(1);
    Answer most = lines("boxes", picture, 1000);
    assertThat(most.body().path("accepted").asInt()).as(most.detail()).isEqualTo(1);
    Answer more = lines("boxes", picture, 3000);
    assertThat(more.status()).isEqualTo(400);
    assertThat(more.detail()).contains("a picture with 3000 boxes; at most 1000 are taken");

    JsonNode counts = client.post("/api/datasets/boxes/snapshots", "{}").body().path("counts");
    assertThat(counts.path("prepared").asInt()).isEqualTo(2);
    assertThat(counts.path("boxes").asInt()).isEqualTo(1000);
    assertThat(samples("boxes"))
        .extracting(Sample::getBoxesCount)
        .containsExactlyInAnyOrder(0, 1000);
  }

  private static Answer lines(String dataset, OddPicture picture, int boxes) {
    String line =
        IntStream.range(0, boxes)
            .mapToObj(i ->
                "{\"x\":%s,\"y\":%s,\"width\":2,\"height\":1.5,\"label\":\"thing\"}"
                    .formatted(i % 20, i / 20 % 10))
            .collect(
                Collectors.joining(
                    ",",
                    "{\"id\":\"%d\",\"image\":\"%s\",\"boxes\":["
                        .formatted(
                            boxes, java.util.Base64.getEncoder().encodeToString(picture.encoded())),
                    "]}"));
    return client.post("/api/datasets/" + dataset + "/documents", DataServiceClient.NDJSON, line);
  }

  private static List<Sample> samples(String dataset) {
    String topic = client.service.getBean(Topics.class).samples(dataset, Split.TRAIN);
    return CommittedRecords.of(client.service.getBean(KafkaClients.class), topic).stream()
        .map(one -> Samples.parse(one.value()))
        .toList();
  }
}
