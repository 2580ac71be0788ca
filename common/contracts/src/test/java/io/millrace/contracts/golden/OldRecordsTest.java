package io.millrace.contracts.golden;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import com.google.protobuf.DescriptorProtos.FileDescriptorProto;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FileDescriptor;
import com.google.protobuf.DynamicMessage;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.TextFormat;
import com.google.protobuf.UnknownFieldSet;
import io.millrace.contracts.data.v1.Document;
import io.millrace.contracts.data.v1.Snapshot;
import io.millrace.contracts.events.v1.CheckpointPublished;
import io.millrace.contracts.events.v1.ModelRejected;
import io.millrace.contracts.inference.v1.GenerateRequest;
import io.millrace.contracts.training.v1.Run;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * Messages as they were written when they were new still mean the same: in topics and databases are
 * some from every earlier time, and clients are older than services. A field that is removed,
 * renumbered, renamed or of another type fails here; one that is added does not.
 *
 * <p>A new message is written down by {@code -Dgolden=write}, which never changes what is there.
 * Lines of a message that was never part of a release may be deleted by hand.
 */
class OldRecordsTest {
  private static final Path FILE = Path.of("src/test/resources/golden/messages.txt");
  private static final int UNKNOWN = 15_000;

  private static final List<FileDescriptor> FILES =
      List.of(
          CheckpointPublished.getDescriptor().getFile(),
          Document.getDescriptor().getFile(),
          Snapshot.getDescriptor().getFile(),
          GenerateRequest.getDescriptor().getFile(),
          Run.getDescriptor().getFile());

  /**
   * A message of an earlier time.
   *
   * @param bytes as they were written
   * @param text what they meant
   */
  private record Old(byte[] bytes, String text) {}

  @Test
  void stillMeanTheSame() throws IOException {
    Map<String, Descriptor> types = new LinkedHashMap<>();
    messages().forEach(type -> types.put(type.getFullName(), type));
    Map<String, Old> old = old();
    assertThat(old).hasSizeGreaterThan(60);
    old.forEach((name, written) -> {
      Descriptor type = types.get(name.substring(0, name.indexOf('#')));
      assertThat(type).as("message %s was removed", name).isNotNull();
      assertThat(text(read(type, written.bytes()))).as(name).isEqualTo(written.text());
    });
  }

  @Test
  void wouldNotIfAFieldWereRenumberedOrRemoved() throws Exception {
    FileDescriptor events = CheckpointPublished.getDescriptor().getFile();
    int at = ModelRejected.getDescriptor().getIndex();
    Old old = Objects.requireNonNull(old().get("millrace.events.v1.ModelRejected#0"));
    FileDescriptorProto.Builder renumbered = events.toProto().toBuilder();
    renumbered.getMessageTypeBuilder(at).getFieldBuilder(1).setNumber(9);
    FileDescriptorProto.Builder removed = events.toProto().toBuilder();
    removed.getMessageTypeBuilder(at).removeField(1);

    assertThat(text(read(ModelRejected.getDescriptor(), old.bytes()))).isEqualTo(old.text());
    for (FileDescriptorProto.Builder changed : List.of(renumbered, removed)) {
      FileDescriptor later =
          FileDescriptor.buildFrom(
              changed.build(), events.getDependencies().toArray(FileDescriptor[]::new));
      assertThat(text(read(later.getMessageTypes().get(at), old.bytes()))).isNotEqualTo(old.text());
    }
  }

  @Test
  void areWrittenDownForEveryMessage() throws IOException {
    Map<String, Old> old = old();
    List<String> missing = new ArrayList<>();
    messages()
        .forEach(type -> {
          for (int variant = 0; variant < Samples.variants(type); variant++) {
            String name = type.getFullName() + "#" + variant;
            if (!old.containsKey(name)) {
              DynamicMessage sample = Samples.of(type, variant);
              missing.add(
                  String.join(
                      "\t",
                      name,
                      Base64.getEncoder().encodeToString(sample.toByteArray()),
                      text(sample)));
            }
          }
        });
    if ("write".equals(System.getProperty("golden"))) {
      List<String> lines = new ArrayList<>(lines());
      lines.addAll(missing);
      Files.write(FILE, lines, UTF_8);
      return;
    }
    assertThat(missing).as("messages that -Dgolden=write would write down").isEmpty();
  }

  @Test
  void keepFieldsThatAreNotKnownYet() {
    ByteString later =
        UnknownFieldSet.newBuilder()
            .addField(
                UNKNOWN,
                UnknownFieldSet.Field.newBuilder()
                    .addLengthDelimited(ByteString.copyFromUtf8("from a later version"))
                    .build())
            .build()
            .toByteString();
    messages()
        .forEach(type -> {
          ByteString written = Samples.of(type, 0).toByteString().concat(later);
          ByteString passedOn = read(type, written.toByteArray()).toByteString();
          assertThat(passedOn.size()).as(type.getFullName()).isEqualTo(written.size());
        });
  }

  @Test
  void keepThemInGeneratedClassesToo() throws IOException {
    byte[] written =
        Document.newBuilder()
            .setId("d")
            .setUnknownFields(UnknownFieldSet.newBuilder().mergeVarintField(UNKNOWN, 42).build())
            .build()
            .toByteArray();

    Document changed = Document.parseFrom(written).toBuilder().setId("e").build();

    assertThat(Document.parseFrom(changed.toByteArray()).getUnknownFields().hasField(UNKNOWN))
        .isTrue();
  }

  private static Stream<Descriptor> messages() {
    return FILES.stream()
        .flatMap(file -> file.getMessageTypes().stream())
        .flatMap(OldRecordsTest::withNested)
        .filter(type -> !type.getOptions().getMapEntry());
  }

  private static Stream<Descriptor> withNested(Descriptor type) {
    return Stream.concat(
        Stream.of(type), type.getNestedTypes().stream().flatMap(OldRecordsTest::withNested));
  }

  private static DynamicMessage read(Descriptor type, byte[] bytes) {
    try {
      return DynamicMessage.parseFrom(type, bytes);
    } catch (InvalidProtocolBufferException e) {
      throw new AssertionError(type.getFullName() + " cannot be read", e);
    }
  }

  private static String text(DynamicMessage message) {
    return TextFormat.printer().emittingSingleLine(true).printToString(message).strip();
  }

  private static Map<String, Old> old() throws IOException {
    Map<String, Old> old = new LinkedHashMap<>();
    for (String line : lines()) {
      List<String> parts = List.of(line.split("\t", -1));
      old.put(parts.get(0), new Old(Base64.getDecoder().decode(parts.get(1)), parts.get(2)));
    }
    return old;
  }

  private static List<String> lines() throws IOException {
    return Files.exists(FILE) ? Files.readAllLines(FILE, UTF_8) : List.of();
  }
}
