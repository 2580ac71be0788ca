package io.millrace.data.rpc;

import io.grpc.stub.StreamObserver;
import io.millrace.contracts.data.v1.AppendDocumentsRequest;
import io.millrace.contracts.data.v1.AppendDocumentsResponse;
import io.millrace.contracts.data.v1.ChangeDatasetRequest;
import io.millrace.contracts.data.v1.CreateDatasetRequest;
import io.millrace.contracts.data.v1.DataServiceGrpc;
import io.millrace.contracts.data.v1.Dataset;
import io.millrace.contracts.data.v1.DeleteDatasetRequest;
import io.millrace.contracts.data.v1.DeleteDatasetResponse;
import io.millrace.contracts.data.v1.GetDatasetRequest;
import io.millrace.contracts.data.v1.ListDatasetsRequest;
import io.millrace.contracts.data.v1.ListDatasetsResponse;
import io.millrace.contracts.data.v1.ListRejectedRequest;
import io.millrace.contracts.data.v1.ListRejectedResponse;
import io.millrace.contracts.data.v1.RepairDatasetRequest;
import io.millrace.contracts.data.v1.RepairDatasetResponse;
import io.millrace.contracts.data.v1.ReplayRejectedRequest;
import io.millrace.contracts.data.v1.ReplayRejectedResponse;
import io.millrace.contracts.data.v1.SealSnapshotRequest;
import io.millrace.contracts.data.v1.SetTokenizerRequest;
import io.millrace.contracts.data.v1.Snapshot;
import io.millrace.data.dataset.DatasetService;
import io.millrace.data.prepare.DatasetRepair;
import io.millrace.data.rejected.Cursor;
import io.millrace.data.rejected.RejectedService;
import io.millrace.data.rejected.Replays;
import io.millrace.data.snapshot.SnapshotMessages;
import io.millrace.data.snapshot.SnapshotService;
import io.millrace.data.tokenizer.TokenizerService;
import io.millrace.data.upload.DocumentAppender;
import io.millrace.platform.error.MillraceException;
import io.millrace.platform.security.Caller;
import org.springframework.stereotype.Service;

/** The same as over REST, for Java and others. */
@Service
class DataServiceEndpoint extends DataServiceGrpc.DataServiceImplBase {
  private final DatasetService datasets;
  private final DocumentAppender appender;
  private final TokenizerService tokenizers;
  private final SnapshotService snapshots;
  private final RejectedService rejected;
  private final Replays replays;
  private final DatasetRepair repair;

  DataServiceEndpoint(
      DatasetService datasets,
      DocumentAppender appender,
      TokenizerService tokenizers,
      SnapshotService snapshots,
      RejectedService rejected,
      Replays replays,
      DatasetRepair repair) {
    this.datasets = datasets;
    this.appender = appender;
    this.tokenizers = tokenizers;
    this.snapshots = snapshots;
    this.rejected = rejected;
    this.replays = replays;
    this.repair = repair;
  }

  @Override
  public void createDataset(CreateDatasetRequest request, StreamObserver<Dataset> answer) {
    send(answer, DatasetMessages.message(datasets.create(DatasetMessages.wanted(request))));
  }

  @Override
  public void getDataset(GetDatasetRequest request, StreamObserver<Dataset> answer) {
    send(answer, DatasetMessages.message(datasets.status(request.getName())));
  }

  @Override
  public void listDatasets(
      ListDatasetsRequest request, StreamObserver<ListDatasetsResponse> answer) {
    send(
        answer,
        ListDatasetsResponse.newBuilder()
            .addAllDatasets(datasets.list().stream().map(DatasetMessages::message).toList())
            .build());
  }

  @Override
  public void changeDataset(ChangeDatasetRequest request, StreamObserver<Dataset> answer) {
    send(
        answer,
        DatasetMessages.message(
            datasets.change(request.getName(), DatasetMessages.change(request))));
  }

  @Override
  public void deleteDataset(
      DeleteDatasetRequest request, StreamObserver<DeleteDatasetResponse> answer) {
    if (request.getForce()) {
      Caller.ofGrpcCall().requireAdministrator("deleting a dataset by force");
    }
    datasets.delete(request.getName(), request.getForce());
    send(answer, DeleteDatasetResponse.getDefaultInstance());
  }

  @Override
  public StreamObserver<AppendDocumentsRequest> appendDocuments(
      StreamObserver<AppendDocumentsResponse> answer) {
    return new AppendingObserver(datasets, appender, answer, UploadKeyInterceptor.current());
  }

  @Override
  public void setTokenizer(SetTokenizerRequest request, StreamObserver<Dataset> answer) {
    switch (request.getSourceCase()) {
      case TRAIN_VOCAB_SIZE -> tokenizers.train(request.getDataset(), request.getTrainVocabSize());
      case TOKENIZER_JSON -> tokenizers.upload(request.getDataset(), request.getTokenizerJson());
      case SOURCE_NOT_SET ->
          throw MillraceException.invalid(
              "source", "either train_vocab_size or tokenizer_json is needed");
    }
    send(answer, DatasetMessages.message(datasets.status(request.getDataset())));
  }

  @Override
  public void sealSnapshot(SealSnapshotRequest request, StreamObserver<Snapshot> answer) {
    Integer seconds = request.hasWaitSeconds() ? request.getWaitSeconds() : null;
    try {
      send(answer, SnapshotMessages.message(snapshots.seal(request.getDataset(), seconds)));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw MillraceException.unavailable("interrupted while waiting for the preparation");
    }
  }

  @Override
  public void listRejected(
      ListRejectedRequest request, StreamObserver<ListRejectedResponse> answer) {
    int limit = request.getLimit() == 0 ? RejectedService.DEFAULT_LIMIT : request.getLimit();
    send(
        answer,
        RejectedMessages.message(
            rejected.list(
                request.getDataset(),
                Cursor.parse(request.getAfter()),
                limit,
                request.getContent())));
  }

  @Override
  public void replayRejected(
      ReplayRejectedRequest request, StreamObserver<ReplayRejectedResponse> answer) {
    Replays.Replayed replayed = replays.replay(request.getDataset());
    send(
        answer,
        ReplayRejectedResponse.newBuilder()
            .setReplayed(replayed.replayed())
            .setGone(replayed.gone())
            .build());
  }

  @Override
  public void repairDataset(
      RepairDatasetRequest request, StreamObserver<RepairDatasetResponse> answer) {
    send(answer, RepairMessages.message(repair.repair(request.getDataset())));
  }

  private static <T> void send(StreamObserver<T> answer, T message) {
    answer.onNext(message);
    answer.onCompleted();
  }
}
