/*
 * Client.java - an example client of a party that speaks Kafka, with Apache's own library (kafka-clients):
 *
 *   Client BROKERS submit TOPIC RECEIPTS FILE...     sends each file, prints its receipt
 *   Client BROKERS receive TOPIC FOLDER COUNT        takes COUNT deliveries, each into a file; prints where each came from:
 *                                                    its id, key, partition and digest
 *   Client BROKERS follow TOPIC COUNT                prints COUNT events
 *
 * adapters/asyncapi.yaml says what stands on the topics. Whatever is read may come twice: it is known by ce_source and ce_id.
 */
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Properties;
import java.util.Set;
import java.util.function.Predicate;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

public class Client {
    private static Properties settings(String brokers) {
        Properties settings = new Properties();
        settings.put("bootstrap.servers", brokers);
        settings.put("auto.offset.reset", "earliest");
        settings.put("allow.auto.create.topics", "false");
        settings.put("enable.auto.commit", "false");
        settings.put("fetch.max.wait.ms", "50");
        return settings;
    }

    /** Stands at the end of all partitions, or at their beginning. */
    private static KafkaConsumer<byte[], byte[]> read(String brokers, String topic, boolean fromEnd) {
        var consumer = new KafkaConsumer<byte[], byte[]>(settings(brokers), new ByteArrayDeserializer(), new ByteArrayDeserializer());
        List<TopicPartition> partitions =
            consumer.partitionsFor(topic).stream().map(one -> new TopicPartition(topic, one.partition())).toList();
        consumer.assign(partitions);
        if (fromEnd) {
            consumer.seekToEnd(partitions);
            partitions.forEach(consumer::position); // only now it stands there
        }
        return consumer;
    }

    /** Until one that is taken says that it was the last. */
    private static void each(KafkaConsumer<byte[], byte[]> consumer, Predicate<ConsumerRecord<byte[], byte[]>> isLast) {
        while (true) {
            for (var message : consumer.poll(Duration.ofSeconds(1))) {
                if (isLast.test(message)) {
                    consumer.close();
                    return;
                }
            }
        }
    }

    private static String header(ConsumerRecord<byte[], byte[]> message, String name) {
        Header header = message.headers().lastHeader(name);
        return header == null ? "" : text(header.value());
    }

    private static String text(byte[] bytes) {
        return bytes == null ? "" : new String(bytes, StandardCharsets.UTF_8);
    }

    private static void submit(String brokers, String topic, String receipts, List<String> files) throws Exception {
        var answers = read(brokers, receipts, true);
        Set<String> waiting = new HashSet<>();
        Properties settings = settings(brokers); // acks=all and idempotence are what Java's producer does by itself
        try (var producer = new KafkaProducer<byte[], byte[]>(settings, new ByteArraySerializer(), new ByteArraySerializer())) {
            for (String name : files) {
                Path path = Path.of(name);
                byte[] key = path.getFileName().toString().getBytes(StandardCharsets.UTF_8);
                RecordMetadata sent = producer.send(new ProducerRecord<>(topic, key, Files.readAllBytes(path))).get();
                waiting.add(topic + "/" + sent.partition() + "/" + sent.offset());
            }
        }
        each(answers, message -> {
            String where = header(message, "clearway-topic") + "/" + header(message, "clearway-partition") + "/"
                + header(message, "clearway-offset");
            if (waiting.remove(where)) {
                System.out.println(text(message.value()));
            }
            return waiting.isEmpty();
        });
    }

    private static void receive(String brokers, String topic, String folder, int count) {
        Set<String> seen = new HashSet<>();
        each(read(brokers, topic, false), message -> {
            String id = header(message, "ce_id");
            if (seen.add(header(message, "ce_source") + " " + id)) {
                try {
                    Files.write(Path.of(folder, id.replace('/', '-')), message.value());
                } catch (java.io.IOException failed) {
                    throw new java.io.UncheckedIOException(failed);
                }
                System.out.println(String.join(" ", id, text(message.key()), "" + message.partition(), header(message, "clearway-digest")));
            }
            return seen.size() == count;
        });
    }

    private static void follow(String brokers, String topic, int count) {
        Set<String> seen = new HashSet<>();
        each(read(brokers, topic, false), message -> {
            if (seen.add(header(message, "ce_source") + " " + header(message, "ce_id"))) {
                System.out.println(text(message.value()));
            }
            return seen.size() == count;
        });
    }

    public static void main(String[] words) throws Exception {
        String verb = words.length > 3 ? words[1] : "";
        switch (verb) {
            case "submit" -> submit(words[0], words[2], words[3], Arrays.asList(words).subList(4, words.length));
            case "receive" -> receive(words[0], words[2], words[3], Integer.parseInt(words[4]));
            case "follow" -> follow(words[0], words[2], Integer.parseInt(words[3]));
            default -> {
                System.err.println("usage: Client BROKERS submit TOPIC RECEIPTS FILE... | receive TOPIC FOLDER COUNT | follow TOPIC COUNT");
                System.exit(2);
            }
        }
    }
}
