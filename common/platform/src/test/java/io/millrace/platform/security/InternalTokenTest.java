package io.millrace.platform.security;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.platform.error.MillraceException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class InternalTokenTest {
  private static final String SECRET = "0123456789abcdef0123456789abcdef";
  private static final Instant NOW = Instant.parse("2026-11-23T12:00:00Z");

  @Test
  void namesThePrincipalUntilItExpires() {
    String token = at(NOW).issue("key:ä|1");

    assertThat(at(NOW).verify(token)).isEqualTo("key:ä|1");
    assertThat(at(NOW.plusSeconds(59)).verify(token)).isEqualTo("key:ä|1");
    assertThatThrownBy(() -> at(NOW.plusSeconds(60)).verify(token))
        .isInstanceOf(MillraceException.class)
        .hasMessage("internal token has expired");
  }

  @Test
  void tellsAdministratorsFromOthers() {
    InternalToken tokens = at(NOW);

    assertThat(tokens.verifyCaller(tokens.issue("key:1")))
        .isEqualTo(new Caller("key:1", /* administrator= */ false));
    String administrator = tokens.issue("key:1", /* administrator= */ true);
    assertThat(tokens.verifyCaller(administrator))
        .isEqualTo(new Caller("key:1", /* administrator= */ true));
    assertThat(tokens.verify(administrator)).isEqualTo("key:1");
    assertThatThrownBy(
            () -> new Caller("key:1", /* administrator= */ false).requireAdministrator("this"))
        .hasMessage("this needs an API key of the scope admin");
  }

  @ParameterizedTest
  @MethodSource("forgeries")
  void refusesForgeries(String token) {
    assertThatThrownBy(() -> at(NOW).verify(token))
        .isInstanceOf(MillraceException.class)
        .hasMessage("internal token is not valid");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", ".", "..", "a.1", "a.1.b.c", "a.-1.b", "ä.1.b"})
  void refusesWhatIsNoToken(String token) {
    assertThatThrownBy(() -> at(NOW).verify(token)).isInstanceOf(MillraceException.class);
  }

  static List<String> forgeries() {
    String token = at(NOW).issue("key:1");
    String[] parts = token.split("\\.");
    String other = at(NOW).issue("key:2").split("\\.")[0];
    String laterExpiry = Long.toString(Long.parseLong(parts[1]) + 3600);
    String otherSecret =
        new InternalToken(
                "another-secret-another-secret-123",
                Duration.ofSeconds(60),
                Clock.fixed(NOW, ZoneOffset.UTC))
            .issue("key:1");
    List<String> forgeries =
        new ArrayList<>(
            List.of(
                other + "." + parts[1] + "." + parts[2],
                parts[0] + "." + laterExpiry + "." + parts[2],
                parts[0] + "." + parts[1] + "." + "A".repeat(43),
                parts[0] + "." + parts[1] + ".",
                parts[0] + "." + parts[1],
                otherSecret,
                token + ".",
                token + "x",
                " " + token,
                token.repeat(20)));
    // Every character of the signature counts; the last one has two bits that mean nothing.
    for (int i = 0; i < parts[2].length() - 1; i++) {
      StringBuilder signature = new StringBuilder(parts[2]);
      signature.setCharAt(i, signature.charAt(i) == 'A' ? 'B' : 'A');
      forgeries.add(parts[0] + "." + parts[1] + "." + signature);
    }
    return forgeries;
  }

  private static InternalToken at(Instant time) {
    return new InternalToken(SECRET, Duration.ofSeconds(60), Clock.fixed(time, ZoneOffset.UTC));
  }
}
