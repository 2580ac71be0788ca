package io.millrace.standalone.contract;

import com.google.protobuf.ByteString;
import io.millrace.contracts.inference.v1.ClassifyInput;
import io.millrace.contracts.inference.v1.ClassifyRequest;
import io.millrace.contracts.inference.v1.ClassifyRow;
import io.millrace.contracts.inference.v1.CreateIndexRequest;
import io.millrace.contracts.inference.v1.DeleteIndexRequest;
import io.millrace.contracts.inference.v1.DeleteModelRequest;
import io.millrace.contracts.inference.v1.DeleteVersionRequest;
import io.millrace.contracts.inference.v1.DetectRequest;
import io.millrace.contracts.inference.v1.DetectResponse;
import io.millrace.contracts.inference.v1.EmbedRequest;
import io.millrace.contracts.inference.v1.EmbedResponse;
import io.millrace.contracts.inference.v1.GenerateRequest;
import io.millrace.contracts.inference.v1.GenerateResponse;
import io.millrace.contracts.inference.v1.GetReceptiveFieldRequest;
import io.millrace.contracts.inference.v1.InferenceServiceGrpc;
import io.millrace.contracts.inference.v1.InferenceServiceGrpc.InferenceServiceBlockingStub;
import io.millrace.contracts.inference.v1.ListIndexesRequest;
import io.millrace.contracts.inference.v1.ListModelsRequest;
import io.millrace.contracts.inference.v1.ListVersionsRequest;
import io.millrace.contracts.inference.v1.ListVersionsResponse;
import io.millrace.contracts.inference.v1.PromoteVersionRequest;
import io.millrace.contracts.inference.v1.PromotionPolicy;
import io.millrace.contracts.inference.v1.RetentionPolicy;
import io.millrace.contracts.inference.v1.RollBackModelRequest;
import io.millrace.contracts.inference.v1.RunRules;
import io.millrace.contracts.inference.v1.SearchIndex;
import io.millrace.contracts.inference.v1.SearchRequest;
import io.millrace.contracts.inference.v1.SearchResult;
import io.millrace.contracts.inference.v1.SetPolicyRequest;
import io.millrace.contracts.inference.v1.SetRetentionRequest;
import io.millrace.contracts.inference.v1.UnpinModelRequest;
import io.millrace.contracts.inference.v1.Version;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Models over gRPC. */
final class GrpcInference implements Inference {
  private final InferenceServiceBlockingStub stub;

  GrpcInference(Rpc rpc) {
    this.stub = InferenceServiceGrpc.newBlockingStub(rpc.channel());
  }

  @Override
  public List<Model> models() {
    return Rpc.call(() ->
        stub.listModels(ListModelsRequest.getDefaultInstance()).getModelsList().stream()
            .map(model ->
                new Model(model.getName(), model.getTask(), model.getVersion(), model.getDigest()))
            .toList());
  }

  @Override
  public Completion complete(String model, String prompt, int maxTokens) {
    GenerateRequest request =
        GenerateRequest.newBuilder()
            .setModel(model)
            .setPrompt(prompt)
            .setMaxTokens(maxTokens)
            .setTemperature(0)
            .build();
    List<GenerateResponse> pieces =
        Rpc.call(() -> {
          List<GenerateResponse> received = new ArrayList<>();
          stub.generate(request).forEachRemaining(received::add);
          return received;
        });
    GenerateResponse last = pieces.getLast();
    return new Completion(
        pieces.stream().map(GenerateResponse::getText).collect(Collectors.joining()),
        last.getFinishReason(),
        last.getPromptTokens(),
        last.getCompletionTokens());
  }

  @Override
  public List<Likely> classify(String model, Map<String, Double> row) {
    ClassifyRequest request =
        ClassifyRequest.newBuilder()
            .setModel(model)
            .addInputs(
                ClassifyInput.newBuilder().setRow(ClassifyRow.newBuilder().putAllNumbers(row)))
            .setTopK(2)
            .build();
    return Rpc.call(() -> stub.classify(request)).getResults(0).getClassesList().stream()
        .map(one -> new Likely(one.getLabel(), one.getProbability()))
        .toList();
  }

  @Override
  public List<Seen> fieldsOfPreset(String preset) {
    return seen(GetReceptiveFieldRequest.newBuilder().setPreset(preset).build());
  }

  @Override
  public List<Seen> fieldsOfModel(String model) {
    return seen(GetReceptiveFieldRequest.newBuilder().setModel(model).build());
  }

  @Override
  public List<Seen> fieldsOfConfig(byte[] json) {
    return seen(GetReceptiveFieldRequest.newBuilder().setConfig(ByteString.copyFrom(json)).build());
  }

  private List<Seen> seen(GetReceptiveFieldRequest request) {
    return Rpc.call(() ->
        stub.getReceptiveField(request).getMapsList().stream()
            .map(map ->
                new Seen(
                    map.getStride(),
                    map.getBranch(),
                    map.getSize(),
                    map.hasMaxObject() ? map.getMaxObject() : Double.POSITIVE_INFINITY,
                    map.getLayersCount()))
            .toList());
  }

  @Override
  public Found detect(String model, byte[] picture, int most) {
    DetectRequest request =
        DetectRequest.newBuilder()
            .setModel(model)
            .setImage(ByteString.copyFrom(picture))
            .setMinScore(0)
            .setMaxDetections(most)
            .build();
    DetectResponse response = Rpc.call(() -> stub.detect(request));
    return new Found(
        response.getImageWidth(),
        response.getImageHeight(),
        response.getDetectionsList().stream()
            .map(found ->
                new Box(
                    found.getBox().getLabel(),
                    found.getScore(),
                    found.getBox().getX(),
                    found.getBox().getY(),
                    found.getBox().getWidth(),
                    found.getBox().getHeight()))
            .toList());
  }

  @Override
  public void createIndex(String name, String model, String dataset) {
    CreateIndexRequest request =
        CreateIndexRequest.newBuilder().setName(name).setModel(model).setDataset(dataset).build();
    var unused = Rpc.call(() -> stub.createIndex(request));
  }

  @Override
  public Map<String, Long> indexes() {
    return Rpc.call(() -> stub.listIndexes(ListIndexesRequest.getDefaultInstance()))
        .getIndexesList()
        .stream()
        .collect(Collectors.toMap(SearchIndex::getName, SearchIndex::getItems));
  }

  @Override
  public List<String> search(String index, String text, int limit) {
    SearchRequest request =
        SearchRequest.newBuilder().setIndex(index).setText(text).setLimit(limit).build();
    return Rpc.call(() -> stub.search(request)).getResultsList().stream()
        .map(SearchResult::getDocumentId)
        .toList();
  }

  @Override
  public void deleteIndex(String name) {
    var unused =
        Rpc.call(() -> stub.deleteIndex(DeleteIndexRequest.newBuilder().setName(name).build()));
  }

  @Override
  public Owned versions(String model) {
    ListVersionsResponse answer =
        Rpc.call(() -> stub.listVersions(ListVersionsRequest.newBuilder().setModel(model).build()));
    return new Owned(
        answer.getPolicy().getKind(),
        answer.getPinned(),
        answer.getVersionsList().stream().map(Version::getState).toList(),
        answer.getRunsList().stream()
            .collect(
                Collectors.toMap(
                    RunRules::getRunId,
                    run -> Owned.told(run.getPolicy().getKind(), run.getRetention().getLast()))));
  }

  @Override
  public String promote(String model, int version, boolean pin) {
    PromoteVersionRequest request =
        PromoteVersionRequest.newBuilder().setModel(model).setVersion(version).setPin(pin).build();
    return Rpc.call(() -> stub.promoteVersion(request).getReason());
  }

  @Override
  public String rollBack(String model) {
    RollBackModelRequest request = RollBackModelRequest.newBuilder().setModel(model).build();
    return Rpc.call(() -> stub.rollBackModel(request).getReason());
  }

  @Override
  public void unpin(String model) {
    UnpinModelRequest request = UnpinModelRequest.newBuilder().setModel(model).build();
    Rpc.call(() -> stub.unpinModel(request));
  }

  @Override
  public void setPolicy(String model, @Nullable String figure) {
    PromotionPolicy.Builder policy = PromotionPolicy.newBuilder();
    if (figure == null) {
      policy.setKind("automatic");
    } else {
      policy.setKind("if_better").setFigure(figure).setDirection("lower");
    }
    Rpc.call(() ->
        stub.setPolicy(SetPolicyRequest.newBuilder().setModel(model).setPolicy(policy).build()));
  }

  @Override
  public void setRetention(String model, int last) {
    SetRetentionRequest request =
        SetRetentionRequest.newBuilder()
            .setModel(model)
            .setRetention(RetentionPolicy.newBuilder().setLast(last))
            .build();
    Rpc.call(() -> stub.setRetention(request));
  }

  @Override
  public void deleteVersion(String model, int version) {
    DeleteVersionRequest request =
        DeleteVersionRequest.newBuilder().setModel(model).setVersion(version).build();
    Rpc.call(() -> stub.deleteVersion(request));
  }

  @Override
  public void deleteModel(String model) {
    DeleteModelRequest request = DeleteModelRequest.newBuilder().setModel(model).build();
    Rpc.call(() -> stub.deleteModel(request));
  }

  @Override
  public Embedded embed(String model, List<String> texts, int dimensions) {
    EmbedRequest request =
        EmbedRequest.newBuilder()
            .setModel(model)
            .addAllTexts(texts)
            .setDimensions(dimensions)
            .build();
    EmbedResponse response = Rpc.call(() -> stub.embed(request));
    return new Embedded(
        response.getEmbeddings(0).getValuesCount(),
        response.getEmbeddingsCount(),
        response.getTokens());
  }
}
