package io.millrace.gateway.grpc;

import com.google.protobuf.InvalidProtocolBufferException;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.ServerCallHandler;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.MetadataUtils;
import io.grpc.stub.ServerCalls;
import io.grpc.stub.StreamObserver;
import io.millrace.contracts.inference.v1.InferenceServiceGrpc;
import io.millrace.contracts.inference.v1.ListModelsRequest;
import io.millrace.contracts.inference.v1.ListModelsResponse;
import io.millrace.contracts.inference.v1.Model;
import io.millrace.platform.security.InternalToken;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** The models of several inference services in one list, which is whole or an error. */
final class JoinedModels {
  private final String service;
  private final List<ManagedChannel> channels;
  private final InternalToken tokens;

  JoinedModels(String service, List<ManagedChannel> channels, InternalToken tokens) {
    this.service = service;
    this.channels = channels;
    this.tokens = tokens;
  }

  ServerCallHandler<byte[], byte[]> handler() {
    return ServerCalls.asyncUnaryCall(this::list);
  }

  private void list(byte[] request, StreamObserver<byte[]> observer) {
    try {
      observer.onNext(joined(ListModelsRequest.parseFrom(request)).toByteArray());
      observer.onCompleted();
    } catch (InvalidProtocolBufferException e) {
      observer.onError(
          Status.INVALID_ARGUMENT
              .withDescription("the request is not a ListModelsRequest")
              .asRuntimeException());
    } catch (StatusRuntimeException e) {
      observer.onError(
          ServiceStatus.passed(service, e.getStatus()).asRuntimeException(e.getTrailers()));
    }
  }

  private ListModelsResponse joined(ListModelsRequest request) {
    Metadata token = ServiceToken.of(tokens, ServiceToken.key("ListModels"));
    Map<String, Model> models = new TreeMap<>();
    for (ManagedChannel channel : channels) {
      InferenceServiceGrpc.newBlockingStub(channel)
          .withInterceptors(MetadataUtils.newAttachHeadersInterceptor(token))
          .listModels(request)
          .getModelsList()
          .forEach(model -> models.merge(model.getName(), model, JoinedModels::newer));
    }
    return ListModelsResponse.newBuilder().addAllModels(models.values()).build();
  }

  private static Model newer(Model one, Model other) {
    return other.getVersion() > one.getVersion() ? other : one;
  }
}
