package io.millrace.standalone.demo;

import static io.millrace.standalone.demo.DemoReports.detection;
import static io.millrace.standalone.demo.DemoReports.language;
import static io.millrace.standalone.demo.DemoReports.languageLosses;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.json.JsonMapper;

/** What a demo must have done so that it may say that all is well. */
class DemoChecksTest {

  @Test
  void letsGoodResultsPass() {
    assertThatCode(() -> DemoChecks.check(DemoReports.LANGUAGE)).doesNotThrowAnyException();
    assertThatCode(() -> DemoChecks.check(DemoReports.DETECTION)).doesNotThrowAnyException();
  }

  @Test
  void wantsThreeCheckpointsAndEachSwappedIn() {
    refused(() -> DemoChecks.check(language(600, 2, 2, 0)), "language: only 2 checkpoints");
    refused(() -> DemoChecks.check(language(600, 4, 3, 0)), "4 checkpoints were published, 3");
    refused(() -> DemoChecks.check(language(600, 4, 5, 0)), "4 checkpoints were published, 5");
    refused(() -> DemoChecks.check(detection(4, 3, 10, 0.7)), "detection: 4 checkpoints");
  }

  @Test
  void letsFewStepsPassOverCheckpointsThatCameTooFast() {
    assertThatCode(() -> DemoChecks.check(language(8, 4, 1, 0))).doesNotThrowAnyException();
    refused(() -> DemoChecks.check(language(8, 4, 0, 0)), "no checkpoint was swapped in");
  }

  @Test
  void wantsEveryRequestAnswered() {
    refused(() -> DemoChecks.check(language(600, 4, 4, 1)), "1 of 300 requests failed");
    refused(() -> DemoChecks.check(detection(4, 4, 0, 0.7)), "asked nothing");
  }

  @Test
  void wantsNumbersThatAreNumbers() {
    refused(() -> DemoChecks.check(languageLosses(7, 7.5, 2)), "the loss did not fall");
    refused(() -> DemoChecks.check(languageLosses(7, Double.NaN, 2)), "the loss did not fall");
    refused(() -> DemoChecks.check(languageLosses(7, 2, 0)), "no document was held out");
    refused(() -> DemoChecks.check(languageLosses(7, 2, Double.POSITIVE_INFINITY)), "held out");
    refused(() -> DemoChecks.check(detection(4, 4, 10, Double.NaN)), "no mAP");
  }

  @Test
  void wantsEveryDocumentCounted() {
    counts("{\"documents\": 5, \"rejected\": 0}");
    refused(() -> counts("{\"documents\": 4, \"rejected\": 0}"), "5 were sent, 4 counted");
    refused(() -> counts("{\"documents\": 5, \"rejected\": 1}"), "5 counted, 1 rejected");
  }

  private static void counts(String json) {
    DatasetCounts.requireAll(JsonMapper.shared().readTree(json), 5, "documents");
  }

  private static void refused(ThrowingCallable check, String reason) {
    assertThatThrownBy(check).isInstanceOf(StageFailure.class).hasMessageContaining(reason);
  }
}
