package io.millrace.tensor.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import io.millrace.tensor.kernel.Kernels;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.slf4j.LoggerFactory;

class TensorEngineTest {

  private final TensorEngine engine = TensorEngine.start("cpu");
  private final Kernels kernels = Kernels.shared(engine, TensorEngineTest.class, "threads.py");

  @Test
  void startsOnceForAllServicesOfAProcess() {
    assertThat(TensorEngine.start("cpu")).isSameAs(engine).isSameAs(TensorEngine.started());
    assertThat(engine.device().isGpu()).isFalse();
    assertThat(engine.describe()).contains("PyTorch", "cpu");
  }

  @Test
  void namesADeviceThatIsNotThere() {
    assertThatThrownBy(() -> TensorEngine.start("cuda:97"))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("cuda:97")
        .hasMessageContaining("set the device to auto or cpu");
    assertThatThrownBy(() -> TensorEngine.start("tpu"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("use auto, cpu or cuda:N");
  }

  @Test
  void saysNothingAtItsStart() {
    LoggerContext context = (LoggerContext) LoggerFactory.getILoggerFactory();
    assertThat(context.getLogger("ai.djl.pytorch.engine.PtEngine").getEffectiveLevel())
        .isEqualTo(Level.WARN);
    assertThat(context.getLogger("ai.djl.util.cuda.CudaUtils").getEffectiveLevel())
        .isEqualTo(Level.ERROR);
  }

  @Test
  void threadCountsBelongToTheirThreads() throws Exception {
    CountDownLatch bothEntered = new CountDownLatch(2);
    FutureTask<Integer> trainer = start("trainer-thread", () -> enteredWith(2, bothEntered));
    FutureTask<Integer> server = start("server-thread", () -> enteredWith(1, bothEntered));
    FutureTask<Integer> careless =
        start(
            "careless-thread",
            () -> {
              bothEntered.await();
              compute();
              return TensorEngine.threads();
            });
    assertThat(trainer.get()).isEqualTo(2);
    assertThat(server.get()).isEqualTo(1);
    assertThat(careless.get()).isEqualTo(1);
  }

  /** Workers that OpenMP starts carry the name of the thread that they work for. */
  @Test
  @EnabledOnOs(OS.LINUX)
  void operationsUseAsManyThreadsAsTheirCallerEntered() throws Exception {
    CountDownLatch bothEntered = new CountDownLatch(2);
    FutureTask<Long> wide =
        start("wide-caller", () -> threadsAfterWork("wide-caller", 2, bothEntered));
    FutureTask<Long> slim =
        start("slim-caller", () -> threadsAfterWork("slim-caller", 1, bothEntered));
    assertThat(wide.get()).isEqualTo(2);
    assertThat(slim.get()).isEqualTo(1);
  }

  @Test
  void virtualThreadsCanCallKernels() throws Exception {
    List<FutureTask<Long>> calls =
        Stream.generate(() -> new FutureTask<>(this::recordedInsideAndAfter)).limit(20).toList();
    calls.forEach(call -> Thread.ofVirtual().start(call));
    for (FutureTask<Long> call : calls) {
      assertThat(call.get()).isEqualTo(10);
    }
    FutureTask<Long> failing =
        new FutureTask<>(() -> kernels.run(engine.newManager(), "busy", 5).get(0).size());
    Thread.ofVirtual().start(failing);
    assertThatThrownBy(failing::get).hasStackTraceContaining("busy");
  }

  @Test
  void recordsGradientsOnlyWhenAskedOnAThreadNeverEntered() throws Exception {
    assertThat(start("new-thread", this::recordedInsideAndAfter).get()).isEqualTo(10);
  }

  /** 10 for recording in the recording call, 1 for recording in the other. */
  private long recordedInsideAndAfter() {
    try (NDManager manager = engine.newManager()) {
      NDArray x = manager.ones(new Shape(2));
      long inside = kernels.runRecording(manager, "grad_mode", x).get(0).getLong(0);
      long after = kernels.run(manager, "grad_mode", x).get(0).getLong(0);
      return 10 * inside + after;
    }
  }

  @Test
  void refusesAThreadCountThatIsNone() {
    assertThatThrownBy(() -> TensorEngine.enterThread(0)).hasMessageContaining("at least 1");
  }

  private int enteredWith(int threads, CountDownLatch bothEntered) throws InterruptedException {
    TensorEngine.enterThread(threads);
    bothEntered.countDown();
    bothEntered.await();
    compute();
    return TensorEngine.threads();
  }

  private long threadsAfterWork(String name, int threads, CountDownLatch bothEntered)
      throws InterruptedException, IOException {
    enteredWith(threads, bothEntered);
    long count = 0;
    try (Stream<Path> tasks = Files.list(Path.of("/proc/self/task"))) {
      for (Path task : tasks.toList()) {
        count += nameOf(task).equals(name) ? 1 : 0;
      }
    }
    return count;
  }

  private static String nameOf(Path task) {
    try {
      return Files.readString(task.resolve("comm")).strip();
    } catch (IOException e) {
      // A thread that ended meanwhile: before the file was opened, or before it was read.
      return "";
    }
  }

  private void compute() {
    try (NDManager manager = engine.newManager()) {
      kernels.run(manager, "busy", manager.ones(new Shape(256, 256)));
    }
  }

  private static <T> FutureTask<T> start(String name, Callable<T> work) {
    FutureTask<T> task = new FutureTask<>(work);
    Thread.ofPlatform().name(name).start(task);
    return task;
  }
}
