package io.millrace.standalone;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The script {@code ./millrace} in a small project, with a Maven and a JDK that only say so. */
@Timeout(300)
class LauncherTest {

  private static final String MAVEN =
      """
      #!/bin/sh
      sleep 0.3
      echo built >>builds
      if [ -f broken ]; then echo "[ERROR] it is broken"; exit 1; fi
      for argument in "$@"; do
        case $argument in -Dmillrace.app=*) mkdir -p "${argument#*=}/lib" ;; esac
      done
      """;
  private static final String JAVA =
      """
      #!/bin/sh
      echo "java $*"
      echo "memory $MALLOC_ARENA_MAX $MALLOC_MMAP_THRESHOLD_ $MALLOC_TRIM_THRESHOLD_"
      """;

  @TempDir Path root;

  record Outcome(int status, String out, String err) {}

  @BeforeEach
  void makeProject() throws IOException {
    Path project = Path.of("..");
    for (String file : List.of("millrace", ".mvn/jdk.sh")) {
      script(file, Files.readString(project.resolve(file)));
    }
    script("mvnw", MAVEN);
    write("pom.xml");
    for (String module :
        List.of("data-service", "training-service", "inference-service", "gateway", "standalone")) {
      write(module + "/pom.xml");
    }
    write("common/tensor/src/main/A.java");
    write("common/tensor/src/main/B.java");
    write("common/tensor/src/test/ATest.java");
    write("benchmarks/src/main/C.java");
    jdk("jdk", "25.0.3");
  }

  @Test
  void buildsOnceAndThenStartsAtOnce() throws Exception {
    Outcome first = launch("up", "--port", "1");
    assertThat(first.status()).as(first.err()).isZero();
    assertThat(first.out()).contains("io.millrace.standalone.Main up --port 1");
    // A JVM that is killed would leave its counters in the machine's directory for temporary files.
    assertThat(first.out()).contains("-XX:+PerfDisableSharedMem");
    assertThat(first.err()).startsWith("Building Millrace");
    Outcome second = launch("up");
    assertThat(second.err()).isEmpty();
    assertThat(builds()).isOne();
  }

  /** Large tensors that a step frees are there for the next one. */
  @Test
  void hasTheLibraryOfCKeepWhatStepsFree() throws Exception {
    assertThat(launch("up").out()).contains("memory 1 1073741824 2147483648");
    assertThat(launch(Map.of("MALLOC_ARENA_MAX", "4", "MALLOC_TRIM_THRESHOLD_", "0"), "up").out())
        .contains("memory 4 1073741824 0");
  }

  @Test
  void buildsAgainWhenASourceChangesComesOrGoes() throws Exception {
    launch("up");
    touch("common/tensor/src/test/ATest.java");
    touch("benchmarks/src/main/C.java");
    launch("up");
    assertThat(builds()).isOne();

    touch("common/tensor/src/main/A.java");
    launch("up");
    assertThat(builds()).isEqualTo(2);
    touch(".mvn/jdk.sh");
    launch("up");
    assertThat(builds()).isEqualTo(3);
    // An old file at a new place, and one that is gone: nothing is newer than the build.
    Path moved = root.resolve("common/tensor/src/main/D.java");
    Files.move(root.resolve("common/tensor/src/main/B.java"), moved);
    Files.setLastModifiedTime(moved, FileTime.from(Instant.EPOCH));
    write("common/tensor/target/classes/B.class");
    launch("up");
    assertThat(builds()).isEqualTo(4);
    assertThat(root.resolve("common/tensor/target/classes")).doesNotExist();
    launch("up");
    assertThat(builds()).isEqualTo(4);
  }

  @ParameterizedTest
  @CsvSource({
    "up, .millrace",
    "demo --task language, .millrace",
    "up --home deep/er/home --port 1, deep/er/home",
    "export writer out --home=deep/home, deep/home",
    "import folder guest --home my_home, my home"
  })
  void keepsTemporaryFilesInTheHome(String arguments, String home) throws Exception {
    Outcome outcome = launch(words(arguments));
    assertThat(outcome.status()).as(outcome.err()).isZero();
    Path temporary = root.resolve(home).resolve("tmp");
    assertThat(outcome.out())
        .contains("-Djava.io.tmpdir=" + temporary + " ", "-Djna.tmpdir=" + temporary + " ");
    assertThat(temporary).isEmptyDirectory();
    for (Path directory : List.of(temporary, temporary.getParent())) {
      assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(directory)))
          .isEqualTo("rwx------");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"plan v3", "up --home", "up --home mvnw", "--help", "score out --text x"})
  void leavesWhatHasNoHomeToThePlatform(String arguments) throws Exception {
    Outcome outcome = launch(words(arguments));
    assertThat(outcome.status()).as(outcome.err()).isZero();
    assertThat(outcome.out()).doesNotContain("tmpdir");
    assertThat(root.resolve(".millrace")).doesNotExist();
  }

  /** The launcher's JVM says why it ends, in the log too, and takes PostgreSQL along. */
  @Test
  void saysThatTheMemoryIsFull() throws Exception {
    script(
        "jdk/bin/java",
        "#!/bin/sh\nfor argument in \"$@\"; do echo \"$argument\"; done >arguments\n");
    assertThat(launch("up", "--home", "my home").status()).isZero();
    List<String> options =
        Files.readAllLines(root.resolve("arguments")).stream()
            .filter(argument -> argument.contains("OutOfMemoryError"))
            .toList();
    assertThat(options).hasSize(2);
    // Whoever runs tests in the background may have told them to ignore the signal.
    Process postgres = new ProcessBuilder("env", "--default-signal=INT", "sleep", "600").start();
    write("my home/log/millrace.log");
    Files.createDirectories(root.resolve("my home/postgres/data"));
    Files.writeString(
        root.resolve("my home/postgres/data/postmaster.pid"), postgres.pid() + "\nmore\n");
    List<String> command = new ArrayList<>(options);
    command.addFirst(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(
        List.of(
            "-Xmx16m",
            "-XX:+UseSerialGC",
            "-cp",
            System.getProperty("java.class.path"),
            FullHeap.class.getName()));
    Path told = root.resolve("told");
    Process full =
        new ProcessBuilder(command)
            .directory(root.toFile())
            .redirectErrorStream(true)
            .redirectOutput(told.toFile())
            .start();

    assertThat(full.waitFor()).as(Files.readString(told)).isEqualTo(3);
    assertThat(Files.readString(told)).contains("millrace: ended, because its memory is full");
    assertThat(Files.readString(root.resolve("my home/log/millrace.log")))
        .contains("its memory is full (OutOfMemoryError)");
    assertThat(postgres.waitFor()).isEqualTo(128 + 2);
  }

  /** Fills its heap. */
  static final class FullHeap {
    private FullHeap() {}

    public static void main(String[] arguments) {
      List<byte[]> kept = new ArrayList<>();
      while (true) {
        kept.add(new byte[1 << 20]);
      }
    }
  }

  /** Spaces part words, {@code _} is a space in one. */
  private static String[] words(String arguments) {
    return Stream.of(arguments.split(" "))
        .map(word -> word.replace('_', ' '))
        .toArray(String[]::new);
  }

  @Test
  void buildsAgainWhatChangedWhileItWasBuilt() throws Exception {
    script("mvnw", MAVEN + "touch common/tensor/src/main/A.java\n");
    launch("up");
    script("mvnw", MAVEN);
    launch("up");
    assertThat(builds()).isEqualTo(2);
  }

  @Test
  void leavesTheJarsOfARunningPlatformWhereTheyAre() throws Exception {
    Path first = jars(launch("up"));
    touch("pom.xml");
    Path second = jars(launch("up"));
    assertThat(second).isNotEqualTo(first).isDirectory();
    assertThat(first).isDirectory();
    touch("pom.xml");
    launch("up");
    assertThat(first).doesNotExist();
    assertThat(second).isDirectory();
  }

  @Test
  void buildsOnceForTwoThatStartAtTheSameTime() throws Exception {
    Process one = process(List.of("up"), Map.of()).start();
    Process other = process(List.of("up"), Map.of()).start();
    assertThat(one.waitFor()).isZero();
    assertThat(other.waitFor()).isZero();
    assertThat(builds()).isOne();
  }

  @Test
  void saysWhyABuildFailedAndTriesAgain() throws Exception {
    write("broken");
    Outcome broken = launch("up");
    assertThat(broken.status()).isOne();
    assertThat(broken.err()).contains("[ERROR] it is broken", "millrace: the build failed");
    Files.delete(root.resolve("broken"));
    assertThat(launch("up").status()).isZero();
  }

  @Test
  void refusesAJdkThatIsTooOld() throws Exception {
    jdk("old", "17.0.19");
    Outcome outcome = launch(Map.of("MILLRACE_JAVA_HOME", root.resolve("old").toString()), "up");
    assertThat(outcome.status()).isNotZero();
    assertThat(outcome.out()).isEmpty();
    assertThat(outcome.err().lines()).hasSize(1);
    assertThat(outcome.err()).contains("is JDK 17; release 25 or newer is needed");
  }

  @Test
  void needsNoHomeInItsEnvironment() throws Exception {
    Outcome outcome = launch(Map.of("HOME", ""), "up");
    assertThat(outcome.status()).as(outcome.err()).isZero();
  }

  private Outcome launch(String... arguments) throws Exception {
    return launch(Map.of(), arguments);
  }

  private Outcome launch(Map<String, String> environment, String... arguments) throws Exception {
    Process process = process(List.of(arguments), environment).start();
    String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    String err = new String(process.getErrorStream().readAllBytes(), StandardCharsets.UTF_8);
    return new Outcome(process.waitFor(), out, err);
  }

  private ProcessBuilder process(List<String> arguments, Map<String, String> environment) {
    List<String> command = new ArrayList<>(List.of(root.resolve("millrace").toString()));
    command.addAll(arguments);
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.directory(root.toFile());
    builder.environment().remove("MILLRACE_JAVA_OPTS");
    builder.environment().keySet().removeIf(variable -> variable.startsWith("MALLOC_"));
    builder.environment().put("MILLRACE_JAVA_HOME", root.resolve("jdk").toString());
    builder.environment().putAll(environment);
    builder.environment().values().removeIf(String::isEmpty);
    return builder;
  }

  private static Path jars(Outcome outcome) {
    return Stream.of(outcome.out().split(" "))
        .filter(word -> word.endsWith("/lib/*"))
        .map(word -> Path.of(word.substring(0, word.length() - 2)))
        .findFirst()
        .orElseThrow();
  }

  private long builds() throws IOException {
    return Files.readAllLines(root.resolve("builds")).size();
  }

  private void jdk(String name, String version) throws IOException {
    script(name + "/bin/java", JAVA);
    script(name + "/bin/javac", "#!/bin/sh\n");
    Files.writeString(root.resolve(name).resolve("release"), "JAVA_VERSION=\"" + version + "\"\n");
  }

  private void touch(String file) throws IOException {
    Files.setLastModifiedTime(root.resolve(file), FileTime.from(Instant.now()));
  }

  private void write(String file) throws IOException {
    Path path = root.resolve(file);
    Files.createDirectories(path.getParent());
    Files.writeString(path, "");
    setOld(path);
  }

  /** A build is newer than what was there before it. */
  private static void setOld(Path path) throws IOException {
    Files.setLastModifiedTime(path, FileTime.from(Instant.EPOCH));
  }

  private void script(String file, String text) throws IOException {
    Path path = root.resolve(file);
    Files.createDirectories(path.getParent());
    Files.writeString(path, text);
    Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rwxr-xr-x"));
    setOld(path);
  }
}
