package io.millrace.training.run;

import io.millrace.contracts.training.v1.Curve;
import io.millrace.contracts.training.v1.CurveEvaluation;
import io.millrace.contracts.training.v1.ListRunsRequest;
import io.millrace.contracts.training.v1.RunLogLine;
import java.util.List;
import java.util.Locale;

/** Curves and logs of runs as messages. */
final class HistoryMessages {
  private static final String STATE = "RUN_STATE_";

  private HistoryMessages() {}

  static RunFilter filter(ListRunsRequest request) {
    List<String> states =
        request.getStatesList().stream()
            .map(state -> state.name().replace(STATE, "").toLowerCase(Locale.ROOT))
            .toList();
    return RunFilter.of(
        request.getModel(),
        states,
        Integer.toUnsignedLong(request.getLimit()),
        request.getCursor());
  }

  static Curve of(RunHistory.Curve curve) {
    Long next = curve.nextAfterStep();
    Curve.Builder message =
        Curve.newBuilder()
            .setRunId(curve.runId())
            .setTotal(curve.total())
            .setEvery(curve.every())
            .setNextAfterStep(next == null ? 0 : next);
    for (CurvePoint point : curve.points()) {
      message.addPoints(
          io.millrace.contracts.training.v1.CurvePoint.newBuilder()
              .setStep(point.step())
              .setLoss(point.loss())
              .setLearningRate(point.learningRate()));
    }
    for (RunHistory.Evaluation evaluation : curve.evaluations()) {
      message.addEvaluations(
          CurveEvaluation.newBuilder()
              .setStep(evaluation.step())
              .setVersion(evaluation.version())
              .putAllMetrics(evaluation.metrics()));
    }
    return message.build();
  }

  static io.millrace.contracts.training.v1.RunLog of(RunHistory.Log log) {
    Long next = log.nextAfter();
    var message =
        io.millrace.contracts.training.v1.RunLog.newBuilder()
            .setRunId(log.runId())
            .setDropped(log.dropped())
            .setNextAfter(next == null ? 0 : next);
    for (RunLog.Line line : log.lines()) {
      message.addLines(
          RunLogLine.newBuilder()
              .setNumber(line.number())
              .setAt(line.at().toEpochMilli())
              .setText(line.text()));
    }
    return message.build();
  }
}
