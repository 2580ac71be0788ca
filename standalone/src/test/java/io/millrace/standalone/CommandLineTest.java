package io.millrace.standalone;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.embedded.Ports;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a person can get wrong: a one-line reason, a non-zero status, nothing left behind. */
class CommandLineTest {

  @TempDir Path directory;

  @Test
  void refusesBadData() throws IOException {
    Path home = directory.resolve("home");
    Path empty = Files.createFile(directory.resolve("empty.txt"));
    Path binary = Files.write(directory.resolve("binary.bin"), new byte[] {1, 0, 2});
    refusedOnFreePorts("is empty", home, "demo", "--task", "language", "--data", empty.toString());
    refusedOnFreePorts(
        "is binary", home, "demo", "--task", "language", "--data", binary.toString());
    refusedOnFreePorts(
        "does not exist", home, "demo", "--task", "language", "--data", "nowhere.txt");
    refusedOnFreePorts(
        "neither Pascal VOC", home, "demo", "--task", "detection", "--data", directory.toString());
    refusedOnFreePorts("cannot be both", home, "demo", "--data", empty.toString());
  }

  @Test
  void refusesBadOptions() {
    Path home = directory.resolve("home");
    refusedOnFreePorts(
        "--preset giant is unknown for task language; use one of nano, micro",
        home,
        "demo",
        "--preset",
        "giant");
    refusedOnFreePorts("--steps 1 must be", home, "demo", "--steps", "1");
    refused("--port 70000 is not a port", home, "up", "--port", "70000");
    refused("they must differ", home, "up", "--port", "9090");
    refused("--grpc-port and --kafka-port are both 9090", home, "up", "--kafka-port", "9090");
    refusedOnFreePorts("--device gpu: unknown device 'gpu'", home, "up", "--device", "gpu");
    refusedOnFreePorts(
        "--device cuda:99: device cuda:99 was asked for", home, "up", "--device", "cuda:99");
    refusedOnFreePorts("--device tpu: unknown device", home, "demo", "--device", "tpu");
    refused("Unknown option: '--nonsense'", home, "up", "--nonsense");
  }

  @Test
  void refusesABusyPort() throws IOException {
    try (ServerSocket busy = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      String port = String.valueOf(busy.getLocalPort());
      refused(
          "port " + port + " for Kafka (--kafka-port) is busy",
          directory.resolve("home"),
          "demo",
          "--kafka-port",
          port);
      refused(
          "port " + port + " for the gateway (--port) is busy",
          directory.resolve("home"),
          "up",
          "--port",
          port);
    }
  }

  @Test
  void refusesAHomeThatIsAFile() throws IOException {
    Path file = Files.writeString(directory.resolve("file"), "x");
    String output = run(onFreePorts("up", "--home", file.toString()));
    assertThat(output).contains("is not a directory");
  }

  @Test
  void refusesAnOutThatCannotBe() throws IOException {
    Path file = Files.writeString(directory.resolve("file"), "x");
    refusedOnFreePorts(
        file + " is not a directory",
        directory.resolve("home"),
        "demo",
        "--task",
        "detection",
        "--out",
        file.resolve("out").toString());
  }

  /** Whatever listens on the ports that commands take by themselves. */
  private static void refusedOnFreePorts(String reason, Path home, String... arguments) {
    refused(reason, home, onFreePorts(arguments));
  }

  private static String[] onFreePorts(String... arguments) {
    List<String> all = new ArrayList<>(List.of(arguments));
    all.addAll(List.of("--port", "" + Ports.free(), "--grpc-port", "" + Ports.free()));
    return all.toArray(String[]::new);
  }

  private static void refused(String reason, Path home, String... arguments) {
    String[] all = new String[arguments.length + 2];
    System.arraycopy(arguments, 0, all, 0, arguments.length);
    all[arguments.length] = "--home";
    all[arguments.length + 1] = home.toString();
    assertThat(run(all)).contains(reason);
    assertThat(home).doesNotExist();
    assertThat(Path.of("millrace-demo")).doesNotExist();
  }

  /** Standard error of a command that fails, one line of our own. */
  private static String run(String... arguments) {
    PrintStream before = System.err;
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    System.setErr(new PrintStream(bytes, true, StandardCharsets.UTF_8));
    try {
      assertThat(Main.run(arguments)).isEqualTo(Main.USER_ERROR);
    } finally {
      System.setErr(before);
    }
    return bytes.toString(StandardCharsets.UTF_8);
  }
}
