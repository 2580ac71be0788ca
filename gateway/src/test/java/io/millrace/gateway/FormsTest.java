package io.millrace.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.http.HttpRequest.BodyPublishers;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A setting for the services that share the gateway's process or image is none for the gateway. */
@Timeout(180)
class FormsTest {
  private static final String BODY =
      "--x\r\nContent-Disposition: form-data; name=\"image\"; filename=\"a.png\"\r\n\r\nabc\r\n--x--\r\n";

  @Test
  void passesFormsOnAsTheyAreWhateverIsSet() throws Exception {
    try (GatewayFixture gateway =
        new GatewayFixture(Map.of("spring.servlet.multipart.enabled", true))) {
      JsonNode seen =
          JsonMapper.shared()
              .readTree(
                  gateway
                      .send(
                          gateway
                              .request("/api/detect?model=m&min_score=0")
                              .header("Content-Type", "multipart/form-data; boundary=x")
                              .POST(BodyPublishers.ofString(BODY)))
                      .body());

      assertThat(seen.path("uri").asString()).isEqualTo("/api/detect?model=m&min_score=0");
      assertThat(seen.path("body").asString()).isEqualTo(BODY);
    }
  }
}
