package io.millrace.tensor.safetensors;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import ai.djl.ndarray.NDManager;
import io.millrace.tensor.engine.TensorEngine;
import io.millrace.tensor.number.ElementType;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Files that lie about themselves. */
class SafetensorsHostileTest {

  private static final String GOOD = "{'dtype':'F32','shape':[2],'data_offsets':[0,8]}";

  @TempDir Path directory;

  /**
   * Apostrophes stand for quotation marks; the data has as many bytes as the second column says.
   */
  @ParameterizedTest(name = "{2}")
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          {'a':GOOD,'a':GOOD}                                                      | 8  | Duplicate
          {'a':{'dtype':'F32','dtype':'I32','shape':[2],'data_offsets':[0,8]}}      | 8  | Duplicate
          {'a':GOOD,'b':GOOD}                                                      | 8  | neither overlap nor leave gaps
          {'a':GOOD,'b':{'dtype':'U8','shape':[4],'data_offsets':[4,8]}}            | 8  | tensor 'b' begins at byte 4, expected 8
          {'a':GOOD,'b':{'dtype':'U8','shape':[1],'data_offsets':[9,10]}}           | 10 | tensor 'b' begins at byte 9, expected 8
          {'a':{'dtype':'U8','shape':[1],'data_offsets':[1,2]}}                     | 2  | tensor 'a' begins at byte 1, expected 0
          {'a':GOOD}                                                               | 7  | tensor 'a' ends at byte 8 behind the header, but only 7 follow it: the file is cut short
          {'a':GOOD}                                                               | 9  | take 8 bytes, but 9 follow
          {}                                                                       | 1  | take 0 bytes, but 1 follow
          {'a':{'dtype':'F32','shape':[3],'data_offsets':[0,8]}}                    | 8  | takes 12 bytes, but its data_offsets are 0 to 8
          {'a':{'dtype':'F32','shape':[2],'data_offsets':[8,0]}}                    | 8  | data_offsets are 8 to 0
          {'a':{'dtype':'F32','shape':[-2],'data_offsets':[0,8]}}                   | 8  | shape of tensor 'a' holds '-2'
          {'a':{'dtype':'F32','shape':[2],'data_offsets':[-8,0]}}                   | 8  | data_offsets of tensor 'a' holds '-8'
          {'a':{'dtype':'F32','shape':[4294967296,4294967296],'data_offsets':[0,0]}} | 0 | too large
          {'a':{'dtype':'F64','shape':[2305843009213693952],'data_offsets':[0,0]}}  | 0  | too large
          {'a':{'dtype':'F32','shape':[4294967296,4294967296,0],'data_offsets':[0,0]}} | 0 | too large
          {'a':{'dtype':'F32','shape':[0,4294967296,4294967296],'data_offsets':[0,0]}} | 0 | too large
          {'a':{'dtype':'F32','shape':[4294967296,0,4294967296],'data_offsets':[0,0]}} | 0 | too large
          {'a':{'dtype':'F32','shape':[99999999999999999999999],'data_offsets':[0,8]}} | 8 | Number value length
          {'a':{'dtype':'F32','shape':[9999999999999999999],'data_offsets':[0,8]}}  | 8  | out of range
          {'a':{'dtype':'F32','shape':[2.0],'data_offsets':[0,8]}}                  | 8  | holds '2.0'
          {'a':{'dtype':'F32','shape':[1e9],'data_offsets':[0,8]}}                  | 8  | holds '1e9'
          {'a':{'dtype':'F32','shape':'2','data_offsets':[0,8]}}                    | 8  | shape of tensor 'a' is not a list
          {'a':{'dtype':'F32','shape':[2],'data_offsets':[0,4,8]}}                  | 8  | more than 2 entries
          {'a':{'dtype':'F32','shape':[2],'data_offsets':[0]}}                      | 8  | lacks
          {'a':{'dtype':'F32','data_offsets':[0,8]}}                                | 8  | lacks
          {'a':{'dtype':'F32','shape':[2],'data_offsets':[0,8],'x':1}}              | 8  | unknown entry 'x'
          {'a':{'dtype':'C64','shape':[1],'data_offsets':[0,8]}}                    | 8  | dtype 'C64', supported are [F64, F32
          {'a':{'dtype':6,'shape':[2],'data_offsets':[0,8]}}                        | 8  | dtype no text
          {'a':[1]}                                                                | 8  | entry of tensor 'a' is not an object
          {'a':{'dtype':'F32','shape':[[2]],'data_offsets':[0,8]}}                  | 8  | nesting depth
          {'a':[[[[[[[[[[[[1]]]]]]]]]]]]}                                          | 8  | not an object
          {'__metadata__':{'k':{'k':{'k':1}}}}                                      | 0  | not a text
          {'__metadata__':{'k':7}}                                                  | 0  | entry 'k' is not a text
          {'__metadata__':[]}                                                       | 0  | is not an object
          {'a':GOOD} {}                                                            | 8  | something follows
          {'a':GOOD} x                                                             | 8  | cannot be read
          {'a':GOOD                                                                | 8  | cannot be read
          []                                                                       | 0  | does not begin with
          ` {}`                                                                    | 0  | does not begin with
          ``                                                                       | 0  | does not begin with
          """)
  void refusesAHeaderThatCannotBeTrue(String header, int dataBytes, String reason)
      throws IOException {
    String json = header.replace("GOOD", GOOD).replace('\'', '"');
    Path file = file(json.getBytes(StandardCharsets.UTF_8), dataBytes);
    assertThatThrownBy(() -> SafetensorsFile.open(file))
        .isInstanceOf(InvalidSafetensorsException.class)
        .hasMessageContaining(file.toString())
        .hasMessageContaining(reason);
  }

  @Test
  void refusesLengthsThatTheFileCannotHave() throws IOException {
    for (long length : new long[] {-1, Long.MIN_VALUE, Long.MAX_VALUE, 100_000_001, 3}) {
      Path file = directory.resolve("length.safetensors");
      ByteBuffer bytes = ByteBuffer.allocate(10).order(ByteOrder.LITTLE_ENDIAN);
      Files.write(file, bytes.putLong(length).put("{}".getBytes(StandardCharsets.UTF_8)).array());
      assertThatThrownBy(() -> SafetensorsFile.open(file))
          .isInstanceOf(InvalidSafetensorsException.class)
          .hasMessageContaining("header should have " + Long.toUnsignedString(length));
    }
  }

  @Test
  void refusesFilesWithoutALength() throws IOException {
    for (int size : new int[] {0, 7}) {
      Path file = Files.write(directory.resolve("short.safetensors"), new byte[size]);
      assertThatThrownBy(() -> SafetensorsFile.open(file))
          .isInstanceOf(InvalidSafetensorsException.class)
          .hasMessageContaining(size + " bytes");
    }
    assertThatThrownBy(() -> SafetensorsFile.open(directory.resolve("none.safetensors")))
        .isInstanceOf(UncheckedIOException.class)
        .hasMessageContaining("none.safetensors");
    assertThatThrownBy(() -> SafetensorsFile.open(directory))
        .isInstanceOf(UncheckedIOException.class);
  }

  @Test
  void refusesWhatIsNotUtf8() throws IOException {
    ByteArrayOutputStream json = new ByteArrayOutputStream();
    json.writeBytes("{\"".getBytes(StandardCharsets.UTF_8));
    json.writeBytes(new byte[] {(byte) 0xC0, (byte) 0xAF}); // an overlong '/'
    json.writeBytes("\":1}".getBytes(StandardCharsets.UTF_8));
    Path file = file(json.toByteArray(), 0);
    assertThatThrownBy(() -> SafetensorsFile.open(file)).hasMessageContaining("not UTF-8");
  }

  @Test
  void refusesEndlessNamesAndRanks() throws IOException {
    Path name = file(("{\"" + "n".repeat(5000) + "\":1}").getBytes(StandardCharsets.UTF_8), 0);
    assertThatThrownBy(() -> SafetensorsFile.open(name)).hasMessageContaining("Name length");
    String ones = "1,".repeat(70) + "1";
    Path rank =
        file(
            ("{\"a\":{\"dtype\":\"U8\",\"shape\":[" + ones + "],\"data_offsets\":[0,1]}}")
                .getBytes(StandardCharsets.UTF_8),
            1);
    assertThatThrownBy(() -> SafetensorsFile.open(rank)).hasMessageContaining("more than 64");
  }

  @Test
  void acceptsPaddingAndAnyOrderOfTensors() throws IOException {
    String json =
        "{\"b\":{\"shape\":[1],\"data_offsets\":[8,9],\"dtype\":\"U8\"},\"a\":"
            + GOOD.replace('\'', '"')
            + "}   \n ";
    try (SafetensorsFile file =
        SafetensorsFile.open(file(json.getBytes(StandardCharsets.UTF_8), 9))) {
      assertThat(file.tensors().keySet()).containsExactly("a", "b");
      assertThatThrownBy(() -> file.info("c")).hasMessageContaining("has no tensor 'c'");
    }
  }

  @Test
  void readsUnsignedIntegersAsWiderOnes() throws IOException {
    Path path = unsigned(0x8000_0000_0000_0000L - 1);
    TensorEngine engine = TensorEngine.start("cpu");
    try (SafetensorsFile file = SafetensorsFile.open(path);
        NDManager manager = engine.newManager()) {
      assertThat(file.load(manager, "u64").toLongArray()).containsExactly(7, Long.MAX_VALUE);
      assertThat(file.load(manager, "u32").toLongArray()).containsExactly(3, 4_294_967_295L);
      assertThat(file.load(manager, "u16").toIntArray()).containsExactly(5, 65_535);
      assertThat(file.info("u16").dtype()).isEqualTo(ElementType.U16);
    }
  }

  @Test
  void refusesOnlyTheTensorWithValuesThatNoTensorHolds() throws IOException {
    Path path = unsigned(-1);
    TensorEngine engine = TensorEngine.start("cpu");
    try (SafetensorsFile file = SafetensorsFile.open(path);
        NDManager manager = engine.newManager()) {
      assertThatThrownBy(() -> file.load(manager, "u64"))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("tensor 'u64' is U64 and has values from 2^63 on");
      assertThat(file.load(manager, "u16").toIntArray()).containsExactly(5, 65_535);
    }
  }

  private Path unsigned(long large) throws IOException {
    String json =
        """
        {"u64":{"dtype":"U64","shape":[2],"data_offsets":[0,16]},\
        "u32":{"dtype":"U32","shape":[2],"data_offsets":[16,24]},\
        "u16":{"dtype":"U16","shape":[2],"data_offsets":[24,28]}}\
        """;
    ByteBuffer data = ByteBuffer.allocate(28).order(ByteOrder.LITTLE_ENDIAN);
    data.putLong(7).putLong(large).putInt(3).putInt(-1).putShort((short) 5).putShort((short) -1);
    Path path = file(json.getBytes(StandardCharsets.UTF_8), 0);
    return Files.write(path, data.array(), StandardOpenOption.APPEND);
  }

  @Test
  void survivesAFileCutShortWhileItIsOpen() throws IOException {
    String json = "{\"a\":{\"dtype\":\"BF16\",\"shape\":[50000],\"data_offsets\":[0,100000]}}";
    Path path = file(json.getBytes(StandardCharsets.UTF_8), 100_000);
    TensorEngine engine = TensorEngine.start("cpu");
    try (SafetensorsFile file = SafetensorsFile.open(path);
        NDManager manager = engine.newManager()) {
      try (FileChannel channel = FileChannel.open(path, StandardOpenOption.WRITE)) {
        channel.truncate(200);
      }
      assertThatThrownBy(() -> file.load(manager, "a"))
          .isInstanceOf(UncheckedIOException.class)
          .hasMessageContaining("became shorter");
    }
  }

  /** The processor says the same of both; the file may be read another time. */
  @Test
  void tellsAPageThatCannotBeReadFromAFileCutShort() throws IOException {
    Path path = Files.write(directory.resolve("mapped"), new byte[100]);
    InternalError page = new InternalError("a fault occurred in an unsafe memory access operation");

    for (Path asLong : List.of(path, directory.resolve("unreachable"))) {
      UncheckedIOException fault =
          new UncheckedIOException(SafetensorsFile.fault(asLong, 100, page));
      assertThat(SafetensorsFile.checked(fault))
          .isExactlyInstanceOf(FileSystemException.class)
          .hasMessageStartingWith(asLong + ": ")
          .hasCause(page);
    }
    UncheckedIOException shorter = new UncheckedIOException(SafetensorsFile.fault(path, 101, page));
    assertThat(SafetensorsFile.checked(shorter))
        .isNotInstanceOf(FileSystemException.class)
        .hasMessageContaining("became shorter");
  }

  @Test
  void tellsAFileThatCannotBeMappedFromABrokenOne() {
    // The JDK has no kind of exception for it, nor names the file.
    Path unmappable = Path.of("/sys/kernel/uevent_seqnum");
    assumeTrue(Files.isReadable(unmappable), "no file that is read and not mapped");

    assertThatThrownBy(() -> SafetensorsFile.open(unmappable))
        .isInstanceOf(UncheckedIOException.class)
        .cause()
        .isExactlyInstanceOf(FileSystemException.class)
        .hasMessageStartingWith(unmappable + ": ");
  }

  private Path file(byte[] json, int dataBytes) throws IOException {
    ByteBuffer bytes =
        ByteBuffer.allocate(Long.BYTES + json.length + dataBytes).order(ByteOrder.LITTLE_ENDIAN);
    bytes.putLong(json.length).put(json);
    return Files.write(directory.resolve("hostile.safetensors"), bytes.array());
  }
}
