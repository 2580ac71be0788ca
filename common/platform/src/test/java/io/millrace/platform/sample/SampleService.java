package io.millrace.platform.sample;

import com.google.protobuf.StringValue;
import io.millrace.contracts.data.v1.DataServiceGrpc;
import io.millrace.contracts.data.v1.Dataset;
import io.millrace.contracts.data.v1.GetDatasetRequest;
import io.millrace.platform.edge.ClientWatch;
import io.millrace.platform.error.ClientGoneException;
import io.millrace.platform.error.MillraceException;
import io.millrace.platform.event.Outbox;
import io.millrace.platform.security.Caller;
import io.millrace.platform.service.PlatformConfiguration;
import io.millrace.platform.service.ServiceLauncher;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.validation.Valid;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.NotNull;
import java.io.UncheckedIOException;
import java.nio.file.FileSystemException;
import java.util.Map;
import java.util.concurrent.Semaphore;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.context.annotation.Import;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import org.springframework.stereotype.Service;
import org.springframework.transaction.annotation.Transactional;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

@SpringBootApplication
@Import(PlatformConfiguration.class)
public class SampleService {

  /** Starts it in a process of its own. */
  public static void main(String[] arguments) {
    ServiceLauncher.main(SampleService.class, "sample-service", arguments);
  }

  /** Settings of a thing. */
  public record Settings(@Max(100) int batchSize, @Nullable Kind kind, @NotNull String name) {}

  /** An enum in a body. */
  public enum Kind {
    TEXT,
    IMAGES
  }

  /** Requests that wait for a test, until it lets them go or their client leaves. */
  @Component
  static final class Waiting {
    final Semaphore begun = new Semaphore(0);
    final Semaphore go = new Semaphore(0);
    final Semaphore left = new Semaphore(0);
  }

  @RestController
  static class Things {
    private final ThingStore store;
    private final ClientWatch watch;
    private final Waiting waiting;

    Things(ThingStore store, ClientWatch watch, Waiting waiting) {
      this.store = store;
      this.watch = watch;
      this.waiting = waiting;
    }

    @PostMapping("/api/sample/settings")
    Settings echo(@Valid @RequestBody Settings settings) {
      return settings;
    }

    @PostMapping("/v1/sample")
    Settings openAi(@Valid @RequestBody Settings settings) {
      return settings;
    }

    @PostMapping("/api/sample/large")
    Map<String, Integer> size(@RequestBody String body) {
      return Map.of("length", body.length());
    }

    @GetMapping("/api/sample/limited")
    Map<String, Integer> limited(@RequestParam int limit) {
      return Map.of("limit", limit);
    }

    @GetMapping("/api/sample/kinds/{kind}")
    Map<String, Kind> kind(@PathVariable Kind kind) {
      return Map.of("kind", kind);
    }

    @GetMapping("/api/sample/caller")
    Map<String, Object> caller(HttpServletRequest request) {
      return Map.of(
          "caller", Caller.of(request).principal(), "virtual", Thread.currentThread().isVirtual());
    }

    @GetMapping("/api/sample/defect")
    void defect() {
      throw new IllegalStateException("the password is hunter2");
    }

    @GetMapping("/api/sample/stale")
    void stale() {
      throw staleFile();
    }

    @GetMapping("/api/sample/things/{name}")
    void missing(@PathVariable String name) {
      throw MillraceException.notFound("thing", name);
    }

    @PostMapping("/api/sample/zero")
    void zero() {
      store.create("a\0b", false);
    }

    @PostMapping("/api/sample/wait")
    Map<String, Object> waitForTest(
        HttpServletRequest request, @RequestBody(required = false) @Nullable String body) {
      Thread thread = Thread.currentThread();
      try (ClientWatch.Watched watched = watch.watch(request, thread::interrupt)) {
        waiting.begun.release();
        waiting.go.acquire();
        return Map.of("waited", watched.hasLeft(), "body", String.valueOf(body));
      } catch (InterruptedException e) {
        waiting.left.release();
        throw new ClientGoneException();
      }
    }

    @PostMapping("/api/sample/things/{name}")
    void create(@PathVariable String name, @RequestParam(defaultValue = "false") boolean fail) {
      store.create(name, fail);
    }
  }

  @Service
  static class ThingStore {
    private final JdbcClient jdbc;
    private final Outbox outbox;

    ThingStore(JdbcClient jdbc, Outbox outbox) {
      this.jdbc = jdbc;
      this.outbox = outbox;
    }

    @Transactional
    void create(String name, boolean fail) {
      jdbc.sql("insert into thing values (:name)").param("name", name).update();
      outbox.append("things", name, "io.millrace.thing.v1", StringValue.of(name));
      if (fail) {
        throw MillraceException.precondition("asked to fail");
      }
    }
  }

  private static UncheckedIOException staleFile() {
    return new UncheckedIOException(
        "cannot read /objects/hunter2",
        new FileSystemException("/objects/hunter2", /* other= */ null, "Stale file handle"));
  }

  @Service
  static class Grpc extends DataServiceGrpc.DataServiceImplBase {
    @Override
    public void getDataset(
        GetDatasetRequest request, io.grpc.stub.StreamObserver<Dataset> observer) {
      switch (request.getName()) {
        case "thrown" -> throw MillraceException.notFound("dataset", "thrown");
        case "observed" -> observer.onError(MillraceException.notFound("dataset", "observed"));
        case "defect" -> throw new IllegalStateException("the password is hunter2");
        case "stale" -> throw staleFile();
        case String name when name.length() > 100 ->
            throw MillraceException.notFound("dataset", name);
        default -> {
          observer.onNext(
              Dataset.newBuilder()
                  .setName(Caller.ofGrpcCall().principal())
                  .addClasses(Thread.currentThread().isVirtual() ? "virtual" : "platform")
                  .build());
          observer.onCompleted();
        }
      }
    }
  }
}
