package io.millrace.data.upload;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.platform.error.ErrorCode;
import io.millrace.platform.error.MillraceException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class LineReaderTest {

  @Test
  void endsOfLinesAreTakenOffAndTheLastNeedsNone() throws IOException {
    assertThat(lines("a\r\n\nbc\rd\n", 10)).containsExactly("a", "", "bc\rd");
    assertThat(lines("a\nlast", 10)).containsExactly("a", "last");
    assertThat(lines("", 10)).isEmpty();
    String long1 = "x".repeat(200_000);
    assertThat(lines(long1 + "\n" + long1, 200_000)).containsExactly(long1, long1);
  }

  @Test
  void theLimitIsExact() throws IOException {
    assertThat(lines("12345\n12345\r\n12345", 5)).hasSize(3);
    for (String text : List.of("1\n123456\n", "1\n123456\r\n", "1\n123456")) {
      assertThatThrownBy(() -> lines(text, 5))
          .isInstanceOfSatisfying(
              MillraceException.class,
              e -> assertThat(e.code()).isEqualTo(ErrorCode.PAYLOAD_TOO_LARGE))
          .hasMessage("line 2 is longer than the limit of 5 bytes; split the document");
    }
  }

  @Test
  void aHugeLineIsRefusedLongBeforeItsEnd() {
    long[] read = new long[1];
    InputStream endless =
        new InputStream() {
          @Override
          public int read() {
            return 'x';
          }

          @Override
          public int read(byte[] buffer, int offset, int length) {
            java.util.Arrays.fill(buffer, offset, offset + length, (byte) 'x');
            read[0] += length;
            return length;
          }
        };
    assertThatThrownBy(() -> new LineReader(endless, 1_000_000).next())
        .isInstanceOf(MillraceException.class);
    assertThat(read[0]).isLessThan(1_200_000);
  }

  private static List<String> lines(String text, int limit) throws IOException {
    LineReader reader =
        new LineReader(new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8)), limit);
    List<String> lines = new ArrayList<>();
    for (byte[] line = reader.next(); line != null; line = reader.next()) {
      lines.add(new String(line, StandardCharsets.UTF_8));
    }
    return lines;
  }
}
