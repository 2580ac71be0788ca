package io.millrace.training.task.detection;

import io.millrace.contracts.data.v1.Sample;
import io.millrace.contracts.record.CorruptRecordException;
import io.millrace.contracts.record.Samples;
import io.millrace.training.stream.RecordFormat;
import io.millrace.vision.box.Box;
import io.millrace.vision.box.LabelledBox;
import io.millrace.vision.detector.DetectorConfig;
import io.millrace.vision.picture.Picture;
import io.millrace.vision.train.SampleBatch;
import io.millrace.vision.view.Letterbox;
import io.millrace.vision.view.Placement;
import io.millrace.vision.view.Shown;
import io.millrace.vision.view.View;
import java.util.ArrayList;
import java.util.List;

/**
 * Samples as batches of pictures of the model's input size, whatever size they are stored at: a
 * picture that has the input size, such as those of older streams, is taken as it is.
 */
final class DetectionFormat implements RecordFormat<Sample, SampleBatch> {
  private final DetectorConfig config;
  private final View view;

  DetectionFormat(DetectorConfig config) {
    this.config = config;
    this.view = new Letterbox(config.inputWidth(), config.inputHeight());
  }

  @Override
  public Sample parse(byte[] value) {
    Sample sample = Samples.parse(value);
    if (!(sample.getScale() > 0) || Float.isInfinite(sample.getScale())) {
      throw new CorruptRecordException("a picture scaled by " + sample.getScale());
    }
    boxes(sample).forEach(box -> requireLearnable(sample, box));
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

  /** Scales the pictures: by the thread that reads ahead, so that the trainer need not wait. */
  @Override
  public SampleBatch assemble(List<Sample> samples) {
    List<Shown> shown = new ArrayList<>(samples.size());
    List<List<LabelledBox>> boxes = new ArrayList<>(samples.size());
    for (Sample sample : samples) {
      Picture stored = new Picture(sample.getWidth(), sample.getHeight(), Samples.rgb(sample));
      Shown one = view.show(stored);
      Placement placement = one.placement();
      boxes.add(
          boxes(sample).stream()
              .map(box -> box.withBox(placement.fromOriginal(box.box())))
              .toList());
      shown.add(new Shown(one.picture(), placement.after(sample.getScale())));
    }
    return SampleBatch.ofShown(shown, boxes);
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

  private void requireLearnable(Sample sample, LabelledBox one) {
    Box box = one.box();
    double x = box.x() + box.width() / 2;
    double y = box.y() + box.height() / 2;
    if (one.classIndex() >= config.classes().size()) {
      throw new CorruptRecordException(
          "a box of class %d of %d".formatted(one.classIndex(), config.classes().size()));
    }
    if (!(x >= 0 && x <= sample.getWidth() && y >= 0 && y <= sample.getHeight())) {
      throw new CorruptRecordException("a box whose centre is outside of the picture: " + box);
    }
  }
}
