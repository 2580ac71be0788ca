package io.millrace.platform.web;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.platform.MillraceProperties.Timeouts;
import io.millrace.platform.error.ErrorCode;
import io.millrace.platform.error.MillraceException;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.springframework.util.unit.DataSize;

class BodyPaceTest {
  private static final long SECOND = Duration.ofSeconds(1).toNanos();

  private final BodyPace pace =
      new BodyPace(
          new Timeouts(
              Duration.ofSeconds(1),
              Duration.ofSeconds(10),
              Duration.ofSeconds(1),
              DataSize.ofBytes(100)));

  @Test
  void isPatientAtFirstAndWithWhatIsFastEnough() {
    pace.note(10 * SECOND, 1);
    pace.note(SECOND, 1_200);
    pace.note(0, 1);

    assertThatThrownBy(() -> pace.note(2 * SECOND, 1))
        .isInstanceOfSatisfying(
            MillraceException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.REQUEST_TIMEOUT))
        .hasMessage("the body comes too slowly: 1203 bytes in 13.0 s");
  }

  @Test
  void takesATimeoutOfTheConnectionForASlowBody() throws IOException {
    assertThat(pace.timed(() -> -1)).isEqualTo(-1);
    assertThatThrownBy(() ->
            pace.timed(() -> {
              throw new SocketTimeoutException("on purpose");
            }))
        .isInstanceOf(MillraceException.class);
  }
}
