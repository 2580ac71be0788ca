package io.millrace.training.run;

import com.google.protobuf.ByteString;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import io.millrace.contracts.training.v1.CancelRunRequest;
import io.millrace.contracts.training.v1.CreateRunRequest;
import io.millrace.contracts.training.v1.Curve;
import io.millrace.contracts.training.v1.DeleteRunRequest;
import io.millrace.contracts.training.v1.DeleteRunResponse;
import io.millrace.contracts.training.v1.Evaluation;
import io.millrace.contracts.training.v1.EvaluationPicture;
import io.millrace.contracts.training.v1.GetCurveRequest;
import io.millrace.contracts.training.v1.GetEvaluationRequest;
import io.millrace.contracts.training.v1.GetRunLogRequest;
import io.millrace.contracts.training.v1.GetRunRequest;
import io.millrace.contracts.training.v1.Lineage;
import io.millrace.contracts.training.v1.ListRunsRequest;
import io.millrace.contracts.training.v1.ListRunsResponse;
import io.millrace.contracts.training.v1.PauseRunRequest;
import io.millrace.contracts.training.v1.ResumeRunRequest;
import io.millrace.contracts.training.v1.Run;
import io.millrace.contracts.training.v1.TrainingServiceGrpc;
import io.millrace.platform.error.MillraceException;
import org.springframework.stereotype.Service;

/** Runs over gRPC. */
@Service
class RunGrpc extends TrainingServiceGrpc.TrainingServiceImplBase {
  private final RunService runs;
  private final RunWatch watch;
  private final RunEvaluations evaluations;
  private final RunHistory history;

  RunGrpc(RunService runs, RunWatch watch, RunEvaluations evaluations, RunHistory history) {
    this.runs = runs;
    this.watch = watch;
    this.evaluations = evaluations;
    this.history = history;
  }

  @Override
  public void createRun(CreateRunRequest request, StreamObserver<Run> observer) {
    answer(observer, message(runs.create(RunMessages.draft(request))));
  }

  @Override
  public void getRun(GetRunRequest request, StreamObserver<Run> observer) {
    answer(observer, message(runs.get(request.getId())));
  }

  @Override
  public void listRuns(ListRunsRequest request, StreamObserver<ListRunsResponse> observer) {
    RunService.Page page = runs.list(HistoryMessages.filter(request));
    ListRunsResponse.Builder response =
        ListRunsResponse.newBuilder().setNextCursor(page.nextCursor());
    page.runs().forEach(run -> response.addRuns(message(run)));
    answer(observer, response.build());
  }

  @Override
  public void cancelRun(CancelRunRequest request, StreamObserver<Run> observer) {
    answer(observer, message(runs.cancel(request.getId())));
  }

  @Override
  public void pauseRun(PauseRunRequest request, StreamObserver<Run> observer) {
    answer(observer, message(runs.pause(request.getId())));
  }

  @Override
  public void resumeRun(ResumeRunRequest request, StreamObserver<Run> observer) {
    answer(observer, message(runs.resume(request.getId())));
  }

  @Override
  public void deleteRun(DeleteRunRequest request, StreamObserver<DeleteRunResponse> observer) {
    runs.delete(request.getId());
    answer(observer, DeleteRunResponse.getDefaultInstance());
  }

  @Override
  public void getCurve(GetCurveRequest request, StreamObserver<Curve> observer) {
    answer(
        observer,
        HistoryMessages.of(
            history.curve(
                request.getId(),
                request.getAfterStep(),
                Integer.toUnsignedLong(request.getLimit()),
                Integer.toUnsignedLong(request.getMaxPoints()))));
  }

  @Override
  public void getRunLog(
      GetRunLogRequest request, StreamObserver<io.millrace.contracts.training.v1.RunLog> observer) {
    answer(
        observer,
        HistoryMessages.of(
            history.log(
                request.getId(), request.getAfter(), Integer.toUnsignedLong(request.getLimit()))));
  }

  /**
   * Follows on a thread of its own: the call's own thread is the one that would hear of a cancel.
   */
  @Override
  public void watchRun(GetRunRequest request, StreamObserver<Run> observer) {
    String id = runs.get(request.getId()).id();
    ServerCallStreamObserver<Run> call = (ServerCallStreamObserver<Run>) observer;
    // With a handler, a message that comes too late is not an exception.
    call.setOnCancelHandler(() -> {});
    Thread.ofVirtual().name("watch-run-" + id).start(() -> follow(id, call));
  }

  private void follow(String id, ServerCallStreamObserver<Run> call) {
    try {
      boolean finished =
          watch.follow(
              id,
              run -> {
                call.onNext(message(run));
                return !call.isCancelled();
              },
              () -> !call.isCancelled());
      if (finished) {
        call.onCompleted();
      } else {
        call.onError(MillraceException.unavailable("the service is stopping; watch again"));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      call.onError(MillraceException.unavailable("the service is stopping; watch again"));
    } catch (RuntimeException e) {
      call.onError(e);
    }
  }

  @Override
  public void getLineage(GetRunRequest request, StreamObserver<Lineage> observer) {
    answer(observer, RunMessages.of(runs.get(request.getId()), runs.lineage(request.getId())));
  }

  @Override
  public void getEvaluation(GetEvaluationRequest request, StreamObserver<Evaluation> observer) {
    io.millrace.training.run.Run run = runs.get(request.getId());
    RunEvaluations.Stored stored =
        evaluations.of(run, Integer.toUnsignedLong(request.getVersion()));
    Evaluation.Builder evaluation =
        Evaluation.newBuilder()
            .setRunId(run.id())
            .setModel(stored.version().model())
            .setVersion(stored.version().version())
            .setStep(stored.version().step())
            .setJson(ByteString.copyFrom(stored.json()));
    for (String name : stored.pictures()) {
      byte[] svg = evaluations.picture(run, stored.version().version(), name);
      evaluation.addPictures(
          EvaluationPicture.newBuilder().setName(name).setSvg(ByteString.copyFrom(svg)));
    }
    answer(observer, evaluation.build());
  }

  private Run message(io.millrace.training.run.Run run) {
    return RunMessages.of(run, runs.waiting(run));
  }

  private static <T> void answer(StreamObserver<T> observer, T message) {
    observer.onNext(message);
    observer.onCompleted();
  }
}
