#!/usr/bin/env python3
"""An example client of a party that speaks Kafka, with kafka-python:

    client.py BROKERS submit TOPIC RECEIPTS FILE...     sends each file, prints its receipt
    client.py BROKERS receive TOPIC FOLDER COUNT        takes COUNT deliveries, each into a file; prints its headers, key and partition
    client.py BROKERS follow TOPIC COUNT                prints COUNT events

adapters/asyncapi.yaml says what stands on the topics. Whatever is read may come twice: it is known by ce_source and ce_id.
"""
import json
import os
import sys

from kafka import KafkaConsumer, KafkaProducer, TopicPartition


def read(brokers, topic, from_end=False):
    """A consumer that stands at the end of all partitions, or at their beginning."""
    consumer = KafkaConsumer(bootstrap_servers=brokers, auto_offset_reset="earliest", allow_auto_create_topics=False, fetch_max_wait_ms=50)
    partitions = [TopicPartition(topic, number) for number in sorted(consumer.partitions_for_topic(topic) or [])]
    if not partitions:
        sys.exit(f"there is no topic {topic}")
    consumer.assign(partitions)
    if from_end:
        consumer.seek_to_end(*partitions)
        for partition in partitions:
            consumer.position(partition)         # only now it stands there
    return consumer


def headers_of(message):
    return {name: value.decode() for name, value in message.headers}


def submit(brokers, topic, receipts, *files):
    answers = read(brokers, receipts, from_end=True)
    producer = KafkaProducer(bootstrap_servers=brokers, acks="all", enable_idempotence=True, allow_auto_create_topics=False)
    waiting = {}
    for name in files:
        with open(name, "rb") as file:
            sent = producer.send(topic, key=os.path.basename(name).encode(), value=file.read()).get(timeout=60)
        waiting[sent.partition, sent.offset] = name
    while waiting:
        message = next(answers)
        headers = headers_of(message)
        where = int(headers.get("clearway-partition", -1)), int(headers.get("clearway-offset", -1))
        if headers.get("clearway-topic") == topic and waiting.pop(where, None):
            print(message.value.decode(), flush=True)


def receive(brokers, topic, folder, count):
    seen = set()
    for message in read(brokers, topic):
        headers = headers_of(message)
        name = headers["ce_source"], headers["ce_id"]
        if name not in seen:
            seen.add(name)
            with open(os.path.join(folder, headers["ce_id"].replace("/", "-")), "wb") as out:
                out.write(message.value)
            key = message.key.decode() if message.key else None
            print(json.dumps({**headers, "key": key, "partition": message.partition}), flush=True)
        if len(seen) == int(count):
            return


def follow(brokers, topic, count):
    seen = set()
    for message in read(brokers, topic):
        event = json.loads(message.value)
        name = event["source"], event["id"]
        if name not in seen:
            seen.add(name)
            print(json.dumps(event, ensure_ascii=False), flush=True)
        if len(seen) == int(count):
            return


if __name__ == "__main__":
    verbs = {"submit": submit, "receive": receive, "follow": follow}
    if len(sys.argv) < 5 or sys.argv[2] not in verbs:
        sys.exit(__doc__)
    verbs[sys.argv[2]](sys.argv[1], *sys.argv[3:])
