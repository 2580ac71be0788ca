package io.millrace.inference.rpc;

import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import io.millrace.contracts.inference.v1.GenerateRequest;
import io.millrace.contracts.inference.v1.GenerateResponse;
import io.millrace.inference.generate.Completion;
import io.millrace.inference.generate.CompletionSpec;
import io.millrace.inference.generate.Completions;
import io.millrace.inference.generate.LanguageRuntime;
import io.millrace.inference.generate.Piece;
import io.millrace.inference.generate.SpecBuilder;
import io.millrace.inference.generate.SpecBuilder.Wishes;
import io.millrace.platform.error.MillraceException;
import java.util.List;
import org.springframework.stereotype.Component;

/** Streams completions to callers over gRPC. */
@Component
final class GenerateCalls {
  private final Completions completions;
  private final SpecBuilder specs;

  GenerateCalls(Completions completions, SpecBuilder specs) {
    this.completions = completions;
    this.specs = specs;
  }

  /** Generates, on a thread of its own. */
  void begin(GenerateRequest request, StreamObserver<GenerateResponse> observer) {
    Completion completion =
        completions.start(request.getModel(), runtime -> List.of(spec(runtime, request)));
    boolean handedOver = false;
    try {
      ServerCallStreamObserver<GenerateResponse> call =
          (ServerCallStreamObserver<GenerateResponse>) observer;
      call.setOnCancelHandler(completion::close);
      // The call's own thread is the one that hears of a cancel: it must be free.
      Thread.ofVirtual().name("generate").start(() -> stream(completion, call));
      handedOver = true;
    } finally {
      if (!handedOver) {
        completion.close();
      }
    }
  }

  private static void stream(
      Completion completion, ServerCallStreamObserver<GenerateResponse> call) {
    try (completion) {
      while (true) {
        switch (completion.take()) {
          case Piece.Text(int _, String text, int tokens) ->
              call.onNext(response(completion, tokens).setText(text).build());
          case Piece.End(int _, Piece.FinishReason reason, int tokens) -> {
            call.onNext(response(completion, tokens).setFinishReason(reason.code()).build());
            call.onCompleted();
            return;
          }
          case Piece.Failed(Throwable cause) -> {
            if (!call.isCancelled()) {
              call.onError(cause);
            }
            return;
          }
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      call.onError(MillraceException.unavailable("the service is stopping"));
    }
  }

  private static GenerateResponse.Builder response(Completion completion, int tokens) {
    return GenerateResponse.newBuilder()
        .setPromptTokens(completion.promptTokens())
        .setCompletionTokens(tokens)
        .setModelVersion(completion.version().version());
  }

  private CompletionSpec spec(LanguageRuntime runtime, GenerateRequest request) {
    return specs.build(
        runtime.model().contextLength(),
        runtime.encodePrompt("prompt", request.getPrompt()),
        new Wishes(
            "prompt",
            request.getMaxTokens() == 0 ? null : request.getMaxTokens(),
            "max_tokens",
            request.hasTemperature() ? request.getTemperature() : null,
            request.hasTopP() ? request.getTopP() : null,
            request.getTopK(),
            request.hasSeed() ? request.getSeed() : null,
            "",
            request.getStopList()));
  }
}
