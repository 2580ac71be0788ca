package io.millrace.standalone.contract;

import com.google.protobuf.ByteString;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.StreamObserver;
import io.millrace.contracts.data.v1.AppendDocumentsRequest;
import io.millrace.contracts.data.v1.AppendDocumentsResponse;
import io.millrace.contracts.data.v1.Box;
import io.millrace.contracts.data.v1.ChangeDatasetRequest;
import io.millrace.contracts.data.v1.CreateDatasetRequest;
import io.millrace.contracts.data.v1.DataServiceGrpc;
import io.millrace.contracts.data.v1.DataServiceGrpc.DataServiceBlockingStub;
import io.millrace.contracts.data.v1.Dataset;
import io.millrace.contracts.data.v1.DatasetKind;
import io.millrace.contracts.data.v1.DeleteDatasetRequest;
import io.millrace.contracts.data.v1.DeleteDatasetResponse;
import io.millrace.contracts.data.v1.Document;
import io.millrace.contracts.data.v1.GetDatasetRequest;
import io.millrace.contracts.data.v1.Image;
import io.millrace.contracts.data.v1.ListDatasetsRequest;
import io.millrace.contracts.data.v1.ListRejectedRequest;
import io.millrace.contracts.data.v1.OffsetRange;
import io.millrace.contracts.data.v1.RejectedDocument;
import io.millrace.contracts.data.v1.RepairDatasetRequest;
import io.millrace.contracts.data.v1.ReplayRejectedRequest;
import io.millrace.contracts.data.v1.SealSnapshotRequest;
import io.millrace.contracts.data.v1.SetTokenizerRequest;
import io.millrace.contracts.data.v1.Snapshot;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.stream.Stream;

/** Datasets over gRPC. */
final class GrpcDatasets implements Datasets {
  private final DataServiceBlockingStub stub;
  private final DataServiceGrpc.DataServiceStub streaming;

  GrpcDatasets(Rpc rpc) {
    this.stub = DataServiceGrpc.newBlockingStub(rpc.channel());
    this.streaming = DataServiceGrpc.newStub(rpc.channel());
  }

  @Override
  public Seen createTexts(String name, int packLength) {
    return create(
        CreateDatasetRequest.newBuilder()
            .setName(name)
            .setKind(DatasetKind.DATASET_KIND_TEXT)
            .setPackLength(packLength));
  }

  @Override
  public Seen createPictures(String name) {
    return create(
        CreateDatasetRequest.newBuilder()
            .setName(name)
            .setKind(DatasetKind.DATASET_KIND_IMAGES)
            .addClasses(Scene.LABEL)
            .setImageWidth(Scene.SIDE)
            .setImageHeight(Scene.SIDE));
  }

  @Override
  public long append(String dataset, List<String> texts) {
    return append(dataset, texts.stream().map(text -> Document.newBuilder().setText(text).build()));
  }

  @Override
  public long appendScene(String dataset, Scene scene) {
    return append(
        dataset,
        Stream.of(
            Document.newBuilder()
                .setId(scene.file())
                .setImage(
                    Image.newBuilder()
                        .setEncoded(ByteString.copyFrom(scene.png()))
                        .addBoxes(
                            Box.newBuilder()
                                .setX(scene.x())
                                .setY(scene.y())
                                .setWidth(scene.size())
                                .setHeight(scene.size())
                                .setLabel(Scene.LABEL)))
                .build()));
  }

  @Override
  public long appendNoPicture(String dataset) {
    Image image = Image.newBuilder().setEncoded(ByteString.copyFromUtf8("no picture")).build();
    return append(dataset, Stream.of(Document.newBuilder().setImage(image).build()));
  }

  @Override
  public List<String> rejected(String dataset) {
    ListRejectedRequest request = ListRejectedRequest.newBuilder().setDataset(dataset).build();
    return Rpc.call(() ->
        stub.listRejected(request).getRejectedList().stream()
            .map(RejectedDocument::getReason)
            .toList());
  }

  @Override
  public long replay(String dataset) {
    ReplayRejectedRequest request = ReplayRejectedRequest.newBuilder().setDataset(dataset).build();
    return Rpc.call(() -> stub.replayRejected(request).getReplayed());
  }

  @Override
  public long repair(String dataset) {
    RepairDatasetRequest request = RepairDatasetRequest.newBuilder().setDataset(dataset).build();
    return Rpc.call(() -> stub.repairDataset(request).getLeftOut());
  }

  @Override
  public Seen get(String name) {
    return Rpc.call(() -> seen(stub.getDataset(named(name))));
  }

  @Override
  public List<String> list() {
    return Rpc.call(() ->
        stub.listDatasets(ListDatasetsRequest.getDefaultInstance()).getDatasetsList().stream()
            .map(Dataset::getName)
            .toList());
  }

  @Override
  public Seen change(String dataset, double rejectedWarnPercent) {
    ChangeDatasetRequest request =
        ChangeDatasetRequest.newBuilder()
            .setName(dataset)
            .setRejectedWarnPercent(rejectedWarnPercent)
            .build();
    return Rpc.call(() -> seen(stub.changeDataset(request)));
  }

  @Override
  public Seen trainTokenizer(String dataset, int vocabulary) {
    return setTokenizer(
        SetTokenizerRequest.newBuilder().setDataset(dataset).setTrainVocabSize(vocabulary));
  }

  @Override
  public Seen setTokenizer(String dataset, String tokenizerJson) {
    return setTokenizer(
        SetTokenizerRequest.newBuilder().setDataset(dataset).setTokenizerJson(tokenizerJson));
  }

  @Override
  public Sealed seal(String dataset) {
    Snapshot snapshot =
        Rpc.call(() ->
            stub.sealSnapshot(
                SealSnapshotRequest.newBuilder().setDataset(dataset).setWaitSeconds(60).build()));
    return new Sealed(
        snapshot.getVersion(),
        snapshot.getSha256(),
        snapshot.getTrainList().stream().mapToLong(OffsetRange::getRecords).sum());
  }

  @Override
  public void delete(String name) {
    DeleteDatasetResponse unused =
        Rpc.call(() -> stub.deleteDataset(DeleteDatasetRequest.newBuilder().setName(name).build()));
  }

  private Seen create(CreateDatasetRequest.Builder request) {
    return Rpc.call(() -> seen(stub.createDataset(request.build())));
  }

  private Seen setTokenizer(SetTokenizerRequest.Builder request) {
    return Rpc.call(() -> seen(stub.setTokenizer(request.build())));
  }

  /** One message a document. */
  private long append(String dataset, Stream<Document> documents) {
    Answer answer = new Answer();
    StreamObserver<AppendDocumentsRequest> requests = streaming.appendDocuments(answer);
    documents.forEach(document ->
        requests.onNext(
            AppendDocumentsRequest.newBuilder()
                .setDataset(dataset)
                .addDocuments(document)
                .build()));
    requests.onCompleted();
    return answer.accepted();
  }

  private static GetDatasetRequest named(String name) {
    return GetDatasetRequest.newBuilder().setName(name).build();
  }

  private static Seen seen(Dataset dataset) {
    return new Seen(
        dataset.getName(),
        word(dataset.getKind(), "DATASET_KIND_"),
        dataset.hasTokenizer() ? word(dataset.getTokenizer().getState(), "STATE_") : "",
        dataset.getTokenizer().getLocation(),
        dataset.getCounts().getDocuments(),
        dataset.getCounts().getPrepared(),
        dataset.getSnapshotsCount());
  }

  private static String word(Enum<?> value, String prefix) {
    return value.name().substring(prefix.length()).toLowerCase(Locale.ROOT);
  }

  private static final class Answer implements StreamObserver<AppendDocumentsResponse> {
    private final CompletableFuture<Long> accepted = new CompletableFuture<>();

    long accepted() {
      try {
        return accepted.join();
      } catch (CompletionException e) {
        throw e.getCause() instanceof StatusRuntimeException status ? Refusal.of(status) : e;
      }
    }

    @Override
    public void onNext(AppendDocumentsResponse response) {
      accepted.complete(response.getAccepted());
    }

    @Override
    public void onError(Throwable thrown) {
      accepted.completeExceptionally(thrown);
    }

    @Override
    public void onCompleted() {}
  }
}
