package io.millrace.benchmarks;

import io.millrace.benchmarks.command.Benchmark;
import io.millrace.benchmarks.served.ServedScenes;
import io.millrace.standalone.up.Platform;
import io.millrace.standalone.up.PlatformSettings;
import io.millrace.tensor.engine.TensorEngine;
import io.millrace.vision.detector.Detector;
import io.millrace.vision.detector.DetectorNetwork;
import io.millrace.vision.detector.DetectorPresets;
import io.millrace.vision.picture.PictureLimits;
import io.millrace.vision.picture.PictureReader;
import io.millrace.vision.scene.Scene;
import io.millrace.vision.scene.SceneRenderer;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;

/**
 * Pictures a second that the default detector looks at, JPEG files of 320 x 320 pixels: alone in
 * this process, and through the gateway of a platform that runs in it.
 */
final class ServeBenchmark implements Benchmark {

  private static final String PRESET = "nano";
  private static final int SIDE = 320;
  private static final int PICTURES = 64;
  private static final int REQUESTS = 120;
  private static final int ROUNDS = 7;
  private static final int CLIENTS = 4;
  private static final int PORT = 18_082;
  private static final int GRPC_PORT = 18_083;

  @Override
  public String name() {
    return "serve";
  }

  @Override
  public String description() {
    return "serve [CLIENTS]: pictures a second of the default detector, alone and through the gateway";
  }

  @Override
  public void run(List<String> arguments, PrintStream out) throws Exception {
    int clients = arguments.isEmpty() ? CLIENTS : Integer.parseInt(arguments.getFirst());
    List<Scene> scenes = new ArrayList<>();
    List<byte[]> files = new ArrayList<>();
    SceneRenderer renderer = new SceneRenderer(SIDE, SIDE, 1);
    for (int i = 0; i < PICTURES; i++) {
      scenes.add(renderer.render(i));
      files.add(ServedScenes.jpeg(scenes.getLast()));
    }
    Path home = Files.createTempDirectory("millrace-serve");
    try (Platform platform =
        Platform.start(new PlatformSettings(home, PORT, GRPC_PORT, "cpu"), out::println)) {
      ServedScenes served = new ServedScenes(platform.address(), platform.apiKey());
      served.train(PRESET, scenes, files);
      Rates alone = new Rates();
      Rates through = new Rates();
      try (Detector detector = untrained(TensorEngine.start("cpu"), home)) {
        for (int round = 0; round < ROUNDS; round++) {
          alone(detector, files, alone);
          through(served, files, clients, through);
        }
      }
      report(out, "in this process", alone);
      report(out, "through the gateway, %d clients".formatted(clients), through);
    } finally {
      delete(home);
    }
  }

  private static void report(PrintStream out, String what, Rates rates) {
    out.printf(
        "%s: %.1f pictures/s (median of %d rounds, %s)%n",
        what, rates.median(), ROUNDS, rates.range("%.1f"));
  }

  /** Of the same shape; what it finds takes no part in how long it looks. */
  private static Detector untrained(TensorEngine engine, Path home) throws IOException {
    Path folder = Files.createDirectories(home.resolve("untrained"));
    try (DetectorNetwork network =
        DetectorNetwork.create(
            engine, DetectorPresets.of(PRESET, SceneRenderer.classes(), SIDE, SIDE), 1)) {
      network.save(folder);
    }
    return Detector.load(engine, folder);
  }

  private static void alone(Detector detector, List<byte[]> files, Rates rates) throws IOException {
    TensorEngine.enterThread(Runtime.getRuntime().availableProcessors());
    PictureReader reader = new PictureReader(PictureLimits.defaults());
    long begin = System.nanoTime();
    for (int i = 0; i < REQUESTS; i++) {
      detector.detect(reader.read(files.get(i % PICTURES), "picture"), 0.1, 100);
    }
    rates.add(REQUESTS / ((System.nanoTime() - begin) / 1e9));
  }

  private static void through(ServedScenes served, List<byte[]> files, int clients, Rates rates)
      throws InterruptedException, ExecutionException {
    try (ExecutorService all = Executors.newFixedThreadPool(clients)) {
      List<Future<?>> waiting = new ArrayList<>();
      long begin = System.nanoTime();
      for (int i = 0; i < REQUESTS; i++) {
        byte[] file = files.get(i % PICTURES);
        waiting.add(all.submit(() -> served.detect(file)));
      }
      for (Future<?> one : waiting) {
        one.get();
      }
      rates.add(REQUESTS / ((System.nanoTime() - begin) / 1e9));
    }
  }

  private static void delete(Path directory) throws IOException {
    try (Stream<Path> files = Files.walk(directory)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }
}
