package io.millrace.training.task.detection;

import io.millrace.contracts.data.v1.Sample;
import io.millrace.contracts.record.CorruptRecordException;
import io.millrace.contracts.record.Samples;
import io.millrace.training.stream.RecordFormat;
import io.millrace.vision.box.Box;
import io.millrace.vision.box.LabelledBox;
import io.millrace.vision.detector.DetectorConfig;
import io.millrace.vision.train.SampleBatch;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/** Samples as batches of pictures of the model's size. */
final class DetectionFormat implements RecordFormat<Sample, SampleBatch> {
  private final DetectorConfig config;

  DetectionFormat(DetectorConfig config) {
    this.config = config;
  }

  @Override
  public Sample parse(byte[] value) {
    Sample sample = Samples.parse(value);
    if (sample.getWidth() != config.inputWidth() || sample.getHeight() != config.inputHeight()) {
      throw new CorruptRecordException(
          "a picture of %d x %d pixels, the model takes %d x %d"
              .formatted(
                  sample.getWidth(),
                  sample.getHeight(),
                  config.inputWidth(),
                  config.inputHeight()));
    }
    boxes(sample).forEach(this::requireLearnable);
    return sample;
  }

  @Override
  public long sequenceNumber(Sample sample) {
    return sample.getSequenceNumber();
  }

  @Override
  public String dataset(Sample sample) {
    return sample.getDataset();
  }

  @Override
  public SampleBatch assemble(List<Sample> samples) {
    int bytes = 3 * config.inputWidth() * config.inputHeight();
    ByteBuffer rgb = ByteBuffer.allocateDirect(Math.multiplyExact(bytes, samples.size()));
    List<List<LabelledBox>> boxes = new ArrayList<>(samples.size());
    for (Sample sample : samples) {
      Samples.copyRgb(sample, rgb);
      boxes.add(boxes(sample));
    }
    return new SampleBatch(rgb.flip(), config.inputWidth(), config.inputHeight(), boxes);
  }

  private static List<LabelledBox> boxes(Sample sample) {
    try {
      return sample.getBoxesList().stream()
          .map(one -> {
            Box box = new Box(one.getX(), one.getY(), one.getWidth(), one.getHeight());
            double area = one.hasArea() ? one.getArea() : box.area();
            return new LabelledBox(box, one.getClassIndex(), one.getCrowd(), area);
          })
          .toList();
    } catch (IllegalArgumentException e) {
      throw new CorruptRecordException(
          "document '" + sample.getDocumentId() + "': " + e.getMessage(), e);
    }
  }

  private void requireLearnable(LabelledBox one) {
    Box box = one.box();
    double x = box.x() + box.width() / 2;
    double y = box.y() + box.height() / 2;
    if (one.classIndex() >= config.classes().size()) {
      throw new CorruptRecordException(
          "a box of class %d of %d".formatted(one.classIndex(), config.classes().size()));
    }
    if (!(x >= 0 && x <= config.inputWidth() && y >= 0 && y <= config.inputHeight())) {
      throw new CorruptRecordException("a box whose centre is outside of the picture: " + box);
    }
  }
}
