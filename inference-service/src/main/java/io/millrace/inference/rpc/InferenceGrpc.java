package io.millrace.inference.rpc;

import io.grpc.stub.StreamObserver;
import io.millrace.contracts.inference.v1.ClassifyRequest;
import io.millrace.contracts.inference.v1.ClassifyResponse;
import io.millrace.contracts.inference.v1.CreateIndexRequest;
import io.millrace.contracts.inference.v1.DeleteIndexRequest;
import io.millrace.contracts.inference.v1.DeleteIndexResponse;
import io.millrace.contracts.inference.v1.DeleteModelRequest;
import io.millrace.contracts.inference.v1.DeleteModelResponse;
import io.millrace.contracts.inference.v1.DeleteVersionRequest;
import io.millrace.contracts.inference.v1.DeleteVersionResponse;
import io.millrace.contracts.inference.v1.DetectRequest;
import io.millrace.contracts.inference.v1.DetectResponse;
import io.millrace.contracts.inference.v1.EmbedRequest;
import io.millrace.contracts.inference.v1.EmbedResponse;
import io.millrace.contracts.inference.v1.GenerateRequest;
import io.millrace.contracts.inference.v1.GenerateResponse;
import io.millrace.contracts.inference.v1.GetActivationsRequest;
import io.millrace.contracts.inference.v1.GetReceptiveFieldRequest;
import io.millrace.contracts.inference.v1.InferenceServiceGrpc;
import io.millrace.contracts.inference.v1.ListIndexesRequest;
import io.millrace.contracts.inference.v1.ListIndexesResponse;
import io.millrace.contracts.inference.v1.ListModelsRequest;
import io.millrace.contracts.inference.v1.ListModelsResponse;
import io.millrace.contracts.inference.v1.ListVersionsRequest;
import io.millrace.contracts.inference.v1.ListVersionsResponse;
import io.millrace.contracts.inference.v1.PromoteVersionRequest;
import io.millrace.contracts.inference.v1.PromoteVersionResponse;
import io.millrace.contracts.inference.v1.ReceptiveField;
import io.millrace.contracts.inference.v1.RollBackModelRequest;
import io.millrace.contracts.inference.v1.SearchIndex;
import io.millrace.contracts.inference.v1.SearchRequest;
import io.millrace.contracts.inference.v1.SearchResponse;
import io.millrace.contracts.inference.v1.SetPolicyRequest;
import io.millrace.contracts.inference.v1.SetPolicyResponse;
import io.millrace.contracts.inference.v1.SetRetentionRequest;
import io.millrace.contracts.inference.v1.SetRetentionResponse;
import io.millrace.contracts.inference.v1.UnpinModelRequest;
import io.millrace.contracts.inference.v1.UnpinModelResponse;
import io.millrace.inference.activation.Activations;
import io.millrace.inference.catalog.Endings;
import io.millrace.inference.catalog.Ownership;
import io.millrace.inference.classify.Classifications;
import io.millrace.inference.detect.Detections;
import io.millrace.inference.detect.Drawing;
import io.millrace.inference.detect.ReceptiveFields;
import io.millrace.inference.embed.Embeddings;
import io.millrace.inference.search.Searches;
import io.millrace.inference.swap.Models;
import io.millrace.platform.policy.PolicyMessages;
import org.springframework.stereotype.Service;

/**
 * Completions, detections, classifications, receptive fields and models over gRPC, with the rules
 * of REST.
 */
@Service
class InferenceGrpc extends InferenceServiceGrpc.InferenceServiceImplBase {

  private final Models models;
  private final GenerateCalls generateCalls;
  private final Detections detections;
  private final Embeddings embeddings;
  private final Classifications classifications;
  private final ReceptiveFields fields;
  private final Activations activations;
  private final Searches searches;
  private final Ownership ownership;
  private final Endings endings;

  InferenceGrpc(
      Models models,
      GenerateCalls generateCalls,
      Detections detections,
      Embeddings embeddings,
      Classifications classifications,
      ReceptiveFields fields,
      Activations activations,
      Searches searches,
      Ownership ownership,
      Endings endings) {
    this.models = models;
    this.generateCalls = generateCalls;
    this.detections = detections;
    this.embeddings = embeddings;
    this.classifications = classifications;
    this.fields = fields;
    this.activations = activations;
    this.searches = searches;
    this.ownership = ownership;
    this.endings = endings;
  }

  @Override
  public void listModels(ListModelsRequest request, StreamObserver<ListModelsResponse> observer) {
    ListModelsResponse.Builder response = ListModelsResponse.newBuilder();
    models.list().forEach(status -> response.addModels(ModelMessages.model(status)));
    observer.onNext(response.build());
    observer.onCompleted();
  }

  @Override
  public void listVersions(
      ListVersionsRequest request, StreamObserver<ListVersionsResponse> observer) {
    observer.onNext(VersionMessages.list(ownership.versions(request.getModel())));
    observer.onCompleted();
  }

  @Override
  public void promoteVersion(
      PromoteVersionRequest request, StreamObserver<PromoteVersionResponse> observer) {
    observer.onNext(
        VersionMessages.promoted(
            ownership.promote(request.getModel(), request.getVersion(), request.getPin())));
    observer.onCompleted();
  }

  @Override
  public void rollBackModel(
      RollBackModelRequest request, StreamObserver<PromoteVersionResponse> observer) {
    observer.onNext(VersionMessages.promoted(ownership.rollback(request.getModel())));
    observer.onCompleted();
  }

  @Override
  public void unpinModel(UnpinModelRequest request, StreamObserver<UnpinModelResponse> observer) {
    ownership.unpin(request.getModel());
    observer.onNext(UnpinModelResponse.getDefaultInstance());
    observer.onCompleted();
  }

  @Override
  public void setPolicy(SetPolicyRequest request, StreamObserver<SetPolicyResponse> observer) {
    ownership.setPolicy(request.getModel(), PolicyMessages.read(request.getPolicy()).policy(""));
    observer.onNext(SetPolicyResponse.getDefaultInstance());
    observer.onCompleted();
  }

  @Override
  public void setRetention(
      SetRetentionRequest request, StreamObserver<SetRetentionResponse> observer) {
    endings.setRetention(
        request.getModel(), PolicyMessages.read(request.getRetention()).policy(""));
    observer.onNext(SetRetentionResponse.getDefaultInstance());
    observer.onCompleted();
  }

  @Override
  public void deleteVersion(
      DeleteVersionRequest request, StreamObserver<DeleteVersionResponse> observer) {
    endings.deleteVersion(request.getModel(), request.getVersion());
    observer.onNext(DeleteVersionResponse.getDefaultInstance());
    observer.onCompleted();
  }

  @Override
  public void deleteModel(
      DeleteModelRequest request, StreamObserver<DeleteModelResponse> observer) {
    endings.deleteModel(request.getModel());
    observer.onNext(DeleteModelResponse.getDefaultInstance());
    observer.onCompleted();
  }

  @Override
  public void detect(DetectRequest request, StreamObserver<DetectResponse> observer) {
    Detections.Result result =
        detections.detect(
            request.getModel(),
            DetectMessages.images(request),
            DetectMessages.wishes(request),
            Drawing.named(request.getDraw()));
    observer.onNext(DetectMessages.response(request, result));
    observer.onCompleted();
  }

  @Override
  public void embed(EmbedRequest request, StreamObserver<EmbedResponse> observer) {
    observer.onNext(EmbedMessages.response(embeddings.of(EmbedMessages.wishes(request))));
    observer.onCompleted();
  }

  @Override
  public void classify(ClassifyRequest request, StreamObserver<ClassifyResponse> observer) {
    Classifications.Result result =
        classifications.classify(
            request.getModel(),
            ClassifyMessages.inputs(request),
            request.getTopK() == 0 ? null : request.getTopK());
    observer.onNext(ClassifyMessages.response(result));
    observer.onCompleted();
  }

  @Override
  public void getReceptiveField(
      GetReceptiveFieldRequest request, StreamObserver<ReceptiveField> observer) {
    observer.onNext(ReceptiveFieldMessages.response(ReceptiveFieldMessages.find(fields, request)));
    observer.onCompleted();
  }

  @Override
  public void getActivations(
      GetActivationsRequest request,
      StreamObserver<io.millrace.contracts.inference.v1.Activations> observer) {
    observer.onNext(ActivationMessages.find(activations, request));
    observer.onCompleted();
  }

  @Override
  public void createIndex(CreateIndexRequest request, StreamObserver<SearchIndex> observer) {
    observer.onNext(
        SearchMessages.message(
            searches.create(request.getName(), request.getModel(), request.getDataset())));
    observer.onCompleted();
  }

  @Override
  public void listIndexes(
      ListIndexesRequest request, StreamObserver<ListIndexesResponse> observer) {
    observer.onNext(SearchMessages.list(searches.list()));
    observer.onCompleted();
  }

  @Override
  public void deleteIndex(
      DeleteIndexRequest request, StreamObserver<DeleteIndexResponse> observer) {
    searches.delete(request.getName());
    observer.onNext(DeleteIndexResponse.getDefaultInstance());
    observer.onCompleted();
  }

  @Override
  public void search(SearchRequest request, StreamObserver<SearchResponse> observer) {
    observer.onNext(SearchMessages.search(searches, request));
    observer.onCompleted();
  }

  @Override
  public void generate(GenerateRequest request, StreamObserver<GenerateResponse> observer) {
    generateCalls.begin(request, observer);
  }
}
