package io.millrace.standalone.demo;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class DemoTableTest {

  private static final int COLUMNS = 80;

  @Test
  void countsTheUntrainedModelApart() {
    assertThat(table(DemoReports.LANGUAGE))
        .contains("4 and the untrained model, 4 swapped in under load\n")
        .contains("2.600 nats a token; unigram entropy 5.600");
  }

  @Test
  void saysWhyFewerWereSwappedIn() {
    assertThat(table(DemoReports.language(8, 4, 1, 0)))
        .contains("4 and the untrained model, 1 swapped in under load (others came too fast)");
  }

  @Test
  void fitsIntoATerminal() {
    assertThat(table(DemoReports.LANGUAGE).lines())
        .allSatisfy(line -> assertThat(line.length()).isLessThan(COLUMNS));
  }

  private static String table(DemoReport.Language language) {
    return DemoTable.of(new DemoReport(true, 300, null, language, DemoReports.DETECTION))
        .toString();
  }
}
