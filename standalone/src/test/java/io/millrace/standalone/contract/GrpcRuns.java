package io.millrace.standalone.contract;

import io.millrace.contracts.training.v1.CancelRunRequest;
import io.millrace.contracts.training.v1.CreateRunRequest;
import io.millrace.contracts.training.v1.CurvePoint;
import io.millrace.contracts.training.v1.DeleteRunRequest;
import io.millrace.contracts.training.v1.Evaluation;
import io.millrace.contracts.training.v1.GetCurveRequest;
import io.millrace.contracts.training.v1.GetEvaluationRequest;
import io.millrace.contracts.training.v1.GetRunLogRequest;
import io.millrace.contracts.training.v1.GetRunRequest;
import io.millrace.contracts.training.v1.ListRunsRequest;
import io.millrace.contracts.training.v1.PauseRunRequest;
import io.millrace.contracts.training.v1.ResumeRunRequest;
import io.millrace.contracts.training.v1.Run;
import io.millrace.contracts.training.v1.RunLogLine;
import io.millrace.contracts.training.v1.TrainingServiceGrpc;
import io.millrace.contracts.training.v1.TrainingServiceGrpc.TrainingServiceBlockingStub;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Runs over gRPC. */
final class GrpcRuns implements Runs {
  private final TrainingServiceBlockingStub stub;

  GrpcRuns(Rpc rpc) {
    this.stub = TrainingServiceGrpc.newBlockingStub(rpc.channel());
  }

  @Override
  public Seen create(Wanted wanted) {
    CreateRunRequest request =
        CreateRunRequest.newBuilder()
            .setModel(wanted.model())
            .setTask(wanted.task())
            .setDataset(wanted.dataset())
            .setPreset(wanted.preset())
            .setSteps(wanted.steps())
            .setBatchSize(2)
            .setCheckpointAtStart(true)
            .build();
    return create(request);
  }

  /** A run with whatever is asked for. */
  Seen create(CreateRunRequest request) {
    return Rpc.call(() -> seen(stub.createRun(request)));
  }

  @Override
  public Seen get(String id) {
    return Rpc.call(() -> seen(stub.getRun(withId(id))));
  }

  @Override
  public List<Seen> list(String model) {
    ListRunsRequest request = ListRunsRequest.newBuilder().setModel(model).build();
    return Rpc.call(
        () -> stub.listRuns(request).getRunsList().stream().map(GrpcRuns::seen).toList());
  }

  @Override
  public Seen cancel(String id) {
    return Rpc.call(() -> seen(stub.cancelRun(CancelRunRequest.newBuilder().setId(id).build())));
  }

  @Override
  public Seen pause(String id) {
    return Rpc.call(() -> seen(stub.pauseRun(PauseRunRequest.newBuilder().setId(id).build())));
  }

  @Override
  public Seen resume(String id) {
    return Rpc.call(() -> seen(stub.resumeRun(ResumeRunRequest.newBuilder().setId(id).build())));
  }

  @Override
  public void delete(String id) {
    Rpc.call(() -> stub.deleteRun(DeleteRunRequest.newBuilder().setId(id).build()));
  }

  @Override
  public List<Long> curve(String id, int most) {
    GetCurveRequest request = GetCurveRequest.newBuilder().setId(id).setMaxPoints(most).build();
    return Rpc.call(
        () -> stub.getCurve(request).getPointsList().stream().map(CurvePoint::getStep).toList());
  }

  @Override
  public List<String> log(String id) {
    GetRunLogRequest request = GetRunLogRequest.newBuilder().setId(id).build();
    return Rpc.call(
        () -> stub.getRunLog(request).getLinesList().stream().map(RunLogLine::getText).toList());
  }

  @Override
  public String lineage(String id) {
    return Rpc.call(() -> stub.getLineage(withId(id)).getSnapshotSha256());
  }

  @Override
  public Judged evaluation(String id) {
    return Rpc.call(() -> {
      Evaluation evaluation =
          stub.getEvaluation(GetEvaluationRequest.newBuilder().setId(id).build());
      Map<String, String> pictures = new HashMap<>();
      evaluation
          .getPicturesList()
          .forEach(one -> pictures.put(one.getName(), one.getSvg().toStringUtf8()));
      JsonNode json = JsonMapper.shared().readTree(evaluation.getJson().toByteArray());
      return new Judged(json.path("coco"), pictures);
    });
  }

  @Override
  public List<Seen> watch(String id) {
    return Rpc.call(() -> {
      List<Seen> changes = new ArrayList<>();
      stub.watchRun(withId(id)).forEachRemaining(run -> changes.add(seen(run)));
      return changes;
    });
  }

  private static GetRunRequest withId(String id) {
    return GetRunRequest.newBuilder().setId(id).build();
  }

  private static Seen seen(Run run) {
    return new Seen(
        run.getId(),
        run.getRequest().getModel(),
        run.getState().name().substring("RUN_STATE_".length()).toLowerCase(Locale.ROOT),
        run.getProgress().getStep(),
        run.getProgress().getCheckpoints(),
        run.getProgress().getLatestVersion());
  }
}
