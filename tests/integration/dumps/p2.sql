-- SPDX-License-Identifier: BSD-3-Clause
-- The table of p2 (iNPUTmice/p2 of 2023), as it makes it itself, with some rows
-- as it writes them: without a channel. The last has a token that no provider
-- gives, with all that the formats have to escape.
CREATE TABLE target (
  service CHAR(4),
  device CHAR(40) NOT NULL,
  channel CHAR(40) NOT NULL DEFAULT '',
  domain VARCHAR(253),
  token VARCHAR(255),
  node CHAR(12),
  secret CHAR(24),
  PRIMARY KEY (device, channel),
  INDEX nodeDomain (node, domain));

INSERT INTO target (service, device, domain, token, node, secret) VALUES (
  'FCM', '43222c48f723561a617d6d87f9ee09b8f099aa67', 'example.test',
  'pTyGJMuHbEL31IeL2HPcHy:APA91bGcFRl1SPnXNYvMIHa_2o76umfXfKm_r5kJP1VrT-1FJors_6ILi8IHn5kxsC7tVO_HbkQfyy_KV5zjR3j1twdTKWTddB-XhkAS1voQG6yyzyN9zHYIa4UOrGNATMuDJawTgsu8', 'Pjv57vX3nytJ', 'NK+H9VILablLDZguhbtVtnKo');
INSERT INTO target (service, device, domain, token, node, secret) VALUES (
  'FCM', 'f98850bba859b31d7cc313e26e2571cc0683b167', 'example.test',
  'cYezdZ_tDDj8hYs5suKcNd:APA91b8Zra9A9sKPxZ9W3qLy7zKUVQDT7S8sTQCBNR3YbDgbleph1QHt61QTC4XATWS8PHp9NHfYjFM5DI4pZj59fhZ5R1Py4oJe2JbmPTuSgR7cMy-UcU3zr1ZtoLuCr64CxqlIOdNK', 'h4sUXIpC2ITP', 'TP2nLY4dXdkliQgthSpxIoc+');
INSERT INTO target (service, device, domain, token, node, secret) VALUES (
  'FCM', '3cd815db5bda06948332c186de82fdfb20178b4d', 'example.test',
  '6Br1iQFeOUhGXZnnal5Wis:APA91bCgEBCY8f5N3_ynbdrZRzsGQBJg3UHKwkflF6XUi5AhuqpfEnbtXAqwK8jZfALhLSzFyCmmdKTxp_TkSF2RCdKDFRuNw5GCf-hA6ILI8gJhead6_wJ9kFZJSqgmRB9H-iMb-lk7', '7u48Zp8r8giU', '6ifmicZrayYuSIa4Q485unb+');
INSERT INTO target (service, device, domain, token, node, secret) VALUES (
  'FCM', '626364e3bf3224512d2d1bf0bccd1dfcf45bad5c', 'example.test',
  '-yDUA-5zmS1swoPqApryPZ:APA91bBlgvIyxJu2jGjNGkTfi3oYv2DzaKG05Rk-GQV81rkmghzem9yPVUJa_c5q52RYfLWrLoevhZC0x0awirH_juQbLifxz53nCQE28-AJy75fNcTTN6KFAQdEmQg3OMJmYxhcABm6', 'jqF883h+DtKd', 'HAtj/9cpg3TZvXT8Ea3Xucpl');
INSERT INTO target (service, device, domain, token, node, secret) VALUES (
  'FCM', 'ddc15c4cde41821f84e9386f1b514a5cf890c9d3', 'example.test',
  'AlIa_ZnYd7chlN_Xc-1HSy:APA91bGbDS1GHXy5oOKVqYX7Enwvq4VNAKjKs1Pawtn3LG8Zv5Ypu8D0fzFwE7IHgYIruiqFhojmAIDdN87xg3_Q_XBmTepo6uKZyUf0IE9pU2NJhKaM1_5WdR16ePlljivghZ4fXfeT', 'kGCnIcqAfXYz', '7RI0AvN25b8Ulnc9GWFjJr5b');
INSERT INTO target (service, device, domain, token, node, secret) VALUES (
  'FCM', 'afa946663e0a3ebeb15685cffe28c138a249e91c', 'example.test',
  '5hANsbEvrSFagEaBp0vXnJ:APA91baE_9I0MyTLUyi0kn1Gnt11CuZyzaA3U2OLzu6UQBGSyLvVSskUVINx-ZmQF9oGxLUczZ8XbFzUxtPTfYFEpPx6n1nf2xv54WCA-7e56W8zNIQt3uL4FFQKoKGwRDIOYQ-kVcIs', 'gVGljOlJgvVq', 'hnmjvhJlXc5SjqfAVoc6GLjn');
INSERT INTO target (service, device, domain, token, node, secret) VALUES (
  'FCM', 'ec2c09af0dd4940c985f231df580b2c90447396a', 'example.test',
  'NgyvhwvSuqK4dWGlgnoAEc:APA91bTl31uGQ-dFCGAtmNtc0mRau8URBfT5MISizhBHs4_fVAFHDzXeUHNBZS0Z1WnImG9Aw37K5WcNhdEPqhGi3hlbKBVheZUpYxqew88AD3dnbyJVSEDONUsSDDFRFIFIuZIxNfaa', 'ORERLJP0M0My', 'aJajrNiFCrODkBi8pPOTD9MP');
INSERT INTO target (service, device, domain, token, node, secret) VALUES (
  'FCM', '8ccd475a79ce60feb14d565d724fec750e0d1c78', 'example.test',
  '3Ms8GbLkV3AZkGAs-M-X_s:APA91bhUkbd_VOK-NptMzyL2Dvamh2Vwd6QEspT5pV74gdQq7eYimTTfpsUepYhNVNZxTSmm3jZNNjax7EBz3cl7CSgzAf31ddXP63ohM1fzUg296C0XpBx-NEgbUZsM6a8Cvr06aXyP', 'thyBjMPMHwYm', '1te0hzdym81wyOxsVEIjYvBz');
INSERT INTO target (service, device, domain, token, node, secret) VALUES (
  'APNS', '3b803940e0e4470be49acce9121b9fc6a535c1af', 'example.test',
  '4ab4d3ef9640f0b57588c081da5ff6018fb77d9aa4f5f8db2bb94e9bc51d2ba6', 'R7AHBWskloAz', 'SXdf57FOas5VLphl/W0o4Ds8');
INSERT INTO target (service, device, domain, token, node, secret) VALUES (
  'APNS', 'f201747a31674d500d860340dbb079001a305c10', 'example.test',
  '87d67747f2fc1df7ef49fb7eff540352a4effe97eebfdad6265cb80e0a17a930', '9/hJEW3UQK0w', 'u67ya5Her9iAGpSVtfzOqouw');
INSERT INTO target (service, device, domain, token, node, secret) VALUES (
  'APNS', 'bd8aa6f57d174ba222416eac66eb339695dc463c', 'example.test',
  '68fc3ca962a299412c14cccf19cc9937031761f31ec04b2a6c14ea59335c12d7', 'Mwa8R56Eml7X', 'EaMK3Bv+FDzXz+QiB8ZP89M0');
INSERT INTO target (service, device, domain, token, node, secret) VALUES (
  'FCM', 'c5b6c4de8bddf75d6745c4c76035d45857e071e6', 'bücher.example',
  'K8bTB2ABPLbPQ8Cjf5XGuS:APA91bKl_6gGEBHBKxnnV-Hov48VSOuU19x5iqljHqBTn2fwxwd5kAphi2UFkSSj_sK-wZdnHy7agBx6LtIdyhp9ZYbYLXlutzTfF_vNv7KToDsjCMEa-bhj2M5QgErZXwKDGEv6-IyP', 'LoOjdy3JXeVR', 'vXhxWBODtB4OGIT3HDNKogJl');
INSERT INTO target (service, device, domain, token, node, secret) VALUES (
  'FCM', '115d2a03e4958265eaf9e73d04e7b05e89c6d7eb', 'example.test',
  'tab\t newline\n return\r back\\slash quote"d \'single\' comma, semi; \\N NULL', 'mOE18aW+g8c/', 'v/bCVuF6SQbvYxJQcCe/R+Qx');
INSERT INTO target VALUES (
  'FCM', '43222c48f723561a617d6d87f9ee09b8f099aa67', '6baf2d64ca1aeb2173516d91c75a26d820a9168d', 'example.test',
  'xCJ5rpd9OuSqcHX5S4Ti10:APA91bfTDilqVh-No69OTHb9kPgZu3heeMxl1UHlSC4rR4AkXu3F0bjXRXdWZKL_jWaRYnZBI0Hsqk_LB09RifXuEUvAt5JPtfpwHlN_5DRCfLcXVNngDCMYhC7e4NsMWFiP7_jOPPzR', 'dHRL7MtUCcfX', 'Esoaua3Ne6vfpM0bpku0f9gF');
