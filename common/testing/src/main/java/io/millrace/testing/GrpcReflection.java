package io.millrace.testing;

import io.grpc.Channel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.reflection.v1.ServerReflectionGrpc;
import io.grpc.reflection.v1.ServerReflectionRequest;
import io.grpc.reflection.v1.ServerReflectionResponse;
import io.grpc.reflection.v1.ServiceResponse;
import io.grpc.stub.StreamObserver;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** What a gRPC server says about itself over {@code grpc.reflection.v1}. */
public final class GrpcReflection {

  private final Channel channel;

  /**
   * Asks over a channel.
   *
   * @param channel with what the server wants to see in the metadata
   */
  public GrpcReflection(Channel channel) {
    this.channel = channel;
  }

  /**
   * Full names of its services.
   *
   * @throws StatusRuntimeException as the server answers
   */
  public List<String> services() {
    return ask(ServerReflectionRequest.newBuilder().setListServices("").build())
        .getListServicesResponse()
        .getServiceList()
        .stream()
        .map(ServiceResponse::getName)
        .toList();
  }

  /**
   * How many files describe a service or message.
   *
   * @param symbol its full name
   * @throws StatusRuntimeException as the server answers, or NOT_FOUND
   */
  public int filesOf(String symbol) {
    ServerReflectionResponse answer =
        ask(ServerReflectionRequest.newBuilder().setFileContainingSymbol(symbol).build());
    if (answer.hasErrorResponse()) {
      throw Status.fromCodeValue(answer.getErrorResponse().getErrorCode())
          .withDescription(answer.getErrorResponse().getErrorMessage())
          .asRuntimeException();
    }
    return answer.getFileDescriptorResponse().getFileDescriptorProtoCount();
  }

  private ServerReflectionResponse ask(ServerReflectionRequest request) {
    CompletableFuture<ServerReflectionResponse> answer = new CompletableFuture<>();
    StreamObserver<ServerReflectionRequest> requests =
        ServerReflectionGrpc.newStub(channel).serverReflectionInfo(new First(answer));
    requests.onNext(request);
    requests.onCompleted();
    try {
      return answer.get(60, TimeUnit.SECONDS);
    } catch (ExecutionException e) {
      throw e.getCause() instanceof StatusRuntimeException status
          ? status
          : new IllegalStateException(e);
    } catch (TimeoutException e) {
      throw new IllegalStateException("no answer to " + request, e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  private record First(CompletableFuture<ServerReflectionResponse> answer)
      implements StreamObserver<ServerReflectionResponse> {

    @Override
    public void onNext(ServerReflectionResponse response) {
      answer.complete(response);
    }

    @Override
    public void onError(Throwable failure) {
      answer.completeExceptionally(failure);
    }

    @Override
    public void onCompleted() {
      answer.completeExceptionally(new IllegalStateException("the server has not answered"));
    }
  }
}
