package io.millrace.contracts.record;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class DocumentHeaderTest {

  @Test
  void anOffsetComesBack() {
    for (long offset : new long[] {0, 7, Long.MAX_VALUE}) {
      assertThat(DocumentHeader.offset(DocumentHeader.value(offset))).isEqualTo(offset);
    }
  }

  @Test
  void saysWhatIsNoOffset() {
    assertThatThrownBy(() -> DocumentHeader.offset("-1".getBytes(StandardCharsets.US_ASCII)))
        .isInstanceOf(CorruptRecordException.class)
        .hasMessage("header millrace-document is '-1', not an offset");
    assertThatThrownBy(() -> DocumentHeader.offset(new byte[0]))
        .isInstanceOf(CorruptRecordException.class);
  }
}
