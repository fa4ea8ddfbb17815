//! S3 as an endpoint that speaks its protocol: `MinIO`, moto, a real S3.
//!
//! Buckets are part of the path (`URL/BUCKET/KEY`), as servers without names of their own need it; a bucket that is not there is
//! made when something is put into it. What fails in passing is tried again. Large files go in parts.
//!
//! Credentials come from the environment and are in no message. Requests are signed by their addresses, so no message has the
//! address of a request either.

use std::fs::File;
use std::io::{self, Read as _, Seek as _, SeekFrom};
use std::path::Path;
use std::time::Duration;

use pipewright_interpreter::S3Uri;
use rusty_s3::actions::{
    CompleteMultipartUploadResponse, CreateMultipartUpload, ListObjectsV2, S3Action as _,
};
use rusty_s3::{Bucket, Credentials, UrlStyle};

use self::answer::Problem;
use self::request::{Body, Client, Method, retry};
use super::folder::{failed, open_file};
use super::place::{check_bucket, check_object};
use super::{Error, Object, Store};
use crate::aside::Aside;

mod answer;
mod request;

/// How long a request may begin after it was signed.
const SIGNED_FOR: Duration = Duration::from_mins(15);
/// Files larger than this go in parts, bytes.
const SINGLE: u64 = 64 << 20;
/// The size of a part, bytes, unless there would be too many.
const PART: u64 = 16 << 20;
/// The most parts.
const PARTS: u64 = 10_000;

/// An endpoint of S3. See the [module](self).
pub struct Endpoint {
    /// Without a slash at its end.
    url: String,
    region: String,
    credentials: Credentials,
    client: Client,
    single: u64,
    part: u64,
}

impl std::fmt::Debug for Endpoint {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Endpoint")
            .field("url", &self.url)
            .field("region", &self.region)
            .finish_non_exhaustive()
    }
}

impl Endpoint {
    /// The endpoint at `http://HOST:PORT` or `https://HOST`. `variable` tells environment variables: `AWS_ACCESS_KEY_ID`,
    /// `AWS_SECRET_ACCESS_KEY`, `AWS_SESSION_TOKEN`, and `AWS_REGION` (or `AWS_DEFAULT_REGION`; else `us-east-1`).
    ///
    /// Nothing is asked of the endpoint yet.
    ///
    /// # Errors
    /// Where the address is none or holds more than a host and a path, TLS is asked for and not compiled in (feature `https`), or
    /// there are no credentials.
    pub fn new(url: &str, variable: &dyn Fn(&str) -> Option<String>) -> Result<Self, Error> {
        let wrong = |why: &str| Err(Error::Other(format!("the endpoint of S3 {why}")));
        let authority = url
            .split_once("://")
            .map_or("", |(_, rest)| rest.split(['/', '?', '#']).next().unwrap_or_default());
        if authority.contains('@') {
            // Not shown: it may be a password.
            return wrong(
                "has a user or password in its address: give credentials as AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY",
            );
        }
        if url.contains(['?', '#']) {
            return wrong("is an address with `?` or `#`: give http://HOST:PORT or https://HOST alone");
        }
        let parsed =
            url.parse().ok().and_then(|url| Bucket::new(url, UrlStyle::Path, "bucket", "region").ok());
        let Some(probe) = parsed else {
            return wrong(&format!("is {url:?}: give an address such as http://localhost:9000"));
        };
        let is_tls = probe.base_url().scheme() == "https";
        if is_tls && !cfg!(feature = "https") {
            return wrong(&format!(
                "is {url}, and this program was built without TLS: build it with `--features https`"
            ));
        }
        let given = |name: &str| variable(name).filter(|value| !value.is_empty());
        let (Some(key), Some(secret)) = (given("AWS_ACCESS_KEY_ID"), given("AWS_SECRET_ACCESS_KEY")) else {
            return wrong(
                "needs credentials: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY; local servers take any",
            );
        };
        let credentials = match given("AWS_SESSION_TOKEN") {
            Some(token) => Credentials::new_with_token(key, secret, token),
            None => Credentials::new(key, secret),
        };
        let region = given("AWS_REGION").or_else(|| given("AWS_DEFAULT_REGION"));
        Ok(Self {
            url: url.trim_end_matches('/').to_owned(),
            region: region.unwrap_or_else(|| "us-east-1".to_owned()),
            credentials,
            client: Client::new(probe.base_url().host_str().unwrap_or_default()),
            single: SINGLE,
            part: PART,
        })
    }

    /// Files larger than `single` bytes go in parts of `part` bytes.
    #[cfg(test)]
    fn with_parts(self, single: u64, part: u64) -> Self {
        Self { single, part, ..self }
    }

    fn bucket(&self, name: &str) -> Result<Bucket, Error> {
        let url = self.url.parse().ok();
        let bucket =
            url.and_then(|url| Bucket::new(url, UrlStyle::Path, name.to_owned(), self.region.clone()).ok());
        bucket.ok_or_else(|| Error::Other(format!("bucket {name} has no address at {}", self.url)))
    }

    /// What did not work, in a sentence.
    fn error(&self, what: &str, place: &S3Uri, problem: &Problem) -> Error {
        Error::Other(format!("can't {what} {place} at {}: {problem}", self.url))
    }

    fn make_bucket(&self, bucket: &Bucket) -> Result<(), Problem> {
        let action = bucket.create_bucket(&self.credentials);
        let body = action.body();
        let made =
            self.client.ask(Method::Put, &|| action.sign(SIGNED_FOR).into(), Body::Bytes(body.as_bytes()));
        match made {
            // Another process was first.
            Err(problem) if problem.is("BucketAlreadyOwnedByYou") => Ok(()),
            made => made.map(drop),
        }
    }

    fn put_whole(&self, bucket: &Bucket, key: &str, file: &File, length: u64) -> Result<(), Problem> {
        let action = bucket.put_object(Some(&self.credentials), key);
        self.client.ask(
            Method::Put,
            &|| action.sign(SIGNED_FOR).into(),
            Body::File { file, from: 0, length },
        )?;
        Ok(())
    }

    fn put_parts(&self, bucket: &Bucket, key: &str, file: &File, length: u64) -> Result<(), Problem> {
        let begin = bucket.create_multipart_upload(Some(&self.credentials), key);
        let answer = self.client.ask(Method::Post, &|| begin.sign(SIGNED_FOR).into(), Body::None)?;
        let upload = CreateMultipartUpload::parse_response(&answer.text()?)
            .map_err(|_| Problem::protocol("its answer to CreateMultipartUpload is none"))?;
        let sent = self.send_parts(bucket, key, upload.upload_id(), file, length);
        if sent.is_err() {
            let abort = bucket.abort_multipart_upload(Some(&self.credentials), key, upload.upload_id());
            // Where this fails, too, the endpoint keeps parts that nobody asks for; the first error is the one to tell.
            let _ = self.client.ask(Method::Delete, &|| abort.sign(SIGNED_FOR).into(), Body::None);
        }
        sent
    }

    fn send_parts(
        &self,
        bucket: &Bucket,
        key: &str,
        id: &str,
        file: &File,
        length: u64,
    ) -> Result<(), Problem> {
        let part = self.part.max(length.div_ceil(PARTS));
        let mut tags = Vec::new();
        let mut from = 0;
        while from < length {
            let number = u16::try_from(tags.len() + 1).unwrap_or(u16::MAX);
            let action = bucket.upload_part(Some(&self.credentials), key, number, id);
            let body = Body::File { file, from, length: part.min(length - from) };
            let answer = self.client.ask(Method::Put, &|| action.sign(SIGNED_FOR).into(), body)?;
            tags.push(
                answer.etag().ok_or_else(|| Problem::protocol("it answers to a part without an ETag"))?,
            );
            from += part;
        }
        let tags = || tags.iter().map(String::as_str);
        let action = bucket.complete_multipart_upload(Some(&self.credentials), key, id, tags());
        let body = bucket.complete_multipart_upload(Some(&self.credentials), key, id, tags()).body();
        let answer = self.client.ask(
            Method::Post,
            &|| action.sign(SIGNED_FOR).into(),
            Body::Bytes(body.as_bytes()),
        )?;
        // S3 says 200 first and may then say in the body that it failed.
        let text = answer.text()?;
        CompleteMultipartUploadResponse::parse(&text).map(drop).map_err(|_| Problem::of_body(&text))
    }

    fn get(&self, bucket: &Bucket, key: &str, to: &Path) -> Result<Result<(), Error>, Problem> {
        let action = bucket.get_object(Some(&self.credentials), key);
        retry(|| {
            let mut answer = self.client.once(Method::Get, &|| action.sign(SIGNED_FOR).into(), Body::None)?;
            let expected = answer.length();
            let begun = Aside::in_folder(to.parent().unwrap_or(Path::new("")));
            let mut aside = match begun {
                Ok(aside) => aside,
                Err(error) => return Ok(Err(failed("write", to, &error))),
            };
            let mut reader = answer.reader();
            let mut buffer = vec![0; 128 << 10];
            let mut length = 0;
            loop {
                let count = match reader.read(&mut buffer) {
                    Ok(0) => break,
                    Ok(count) => count,
                    Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                    Err(error) => return Err(Problem::transport(&ureq::Error::from(error))),
                };
                length += count as u64;
                if let Err(error) = io::Write::write_all(aside.file(), &buffer[..count]) {
                    return Ok(Err(failed("write", to, &error)));
                }
            }
            if expected.is_some_and(|expected| expected != length) {
                return Err(Problem::cut(length, expected.unwrap_or_default()));
            }
            Ok(aside.place(to).map_err(|error| failed("write", to, &error)))
        })
    }
}

/// Refuses keys that an address can't have.
fn check_key(object: &S3Uri) -> Result<(), Error> {
    check_object(object)?;
    if object.key.split('/').any(|part| part == "." || part == "..") {
        return Err(Error::Other(format!(
            "{object} can't be asked of an endpoint: a part of its key is `.` or `..`"
        )));
    }
    Ok(())
}

impl Store for Endpoint {
    fn list(&self, place: &S3Uri) -> Result<Vec<Object>, Error> {
        check_bucket(place)?;
        let bucket = self.bucket(&place.bucket)?;
        let mut objects = Vec::new();
        let mut token = None;
        loop {
            let mut action = bucket.list_objects_v2(Some(&self.credentials));
            action.with_prefix(place.key.as_str());
            if let Some(token) = &token {
                action.with_continuation_token(String::clone(token));
            }
            let answer = self.client.ask(Method::Get, &|| action.sign(SIGNED_FOR).into(), Body::None);
            let page = match answer.and_then(answer::Answer::text) {
                Ok(text) => ListObjectsV2::parse_response(&text)
                    .map_err(|_| Problem::protocol("its answer to ListObjectsV2 is none")),
                Err(problem) if problem.is("NoSuchBucket") => return Ok(Vec::new()),
                Err(problem) => Err(problem),
            };
            let page = page.map_err(|problem| self.error("list", place, &problem))?;
            let listed = page.contents.into_iter();
            objects
                .extend(listed.map(|found| Object { key: found.key, size: found.size.unwrap_or_default() }));
            let next = page.next_continuation_token;
            if next.is_none() {
                break;
            }
            if next == token {
                let problem = Problem::protocol("it answers with the same page again and again");
                return Err(self.error("list", place, &problem));
            }
            token = next;
        }
        objects.sort_unstable_by(|one, other| one.key.cmp(&other.key));
        Ok(objects)
    }

    fn fetch(&self, object: &S3Uri, to: &Path) -> Result<(), Error> {
        check_key(object)?;
        let bucket = self.bucket(&object.bucket)?;
        match self.get(&bucket, &object.key, to) {
            Ok(written) => written,
            Err(problem) if problem.is("NoSuchKey") || problem.is("NoSuchBucket") => Err(Error::Missing {
                bucket: object.bucket.clone(),
                key: object.key.clone(),
                hint: format!(" at {}", self.url),
            }),
            Err(problem) => Err(self.error("read", object, &problem)),
        }
    }

    fn put(&self, from: &Path, object: &S3Uri) -> Result<(), Error> {
        check_key(object)?;
        let bucket = self.bucket(&object.bucket)?;
        let (file, length) = open_file(from)?;
        let put = || {
            if length > self.single {
                self.put_parts(&bucket, &object.key, &file, length)
            } else {
                self.put_whole(&bucket, &object.key, &file, length)
            }
        };
        let done = match put() {
            Err(problem) if problem.is("NoSuchBucket") => self.make_bucket(&bucket).and_then(|()| put()),
            done => done,
        };
        done.map_err(|problem| self.error("write", object, &problem))
    }

    fn delete(&self, object: &S3Uri) -> Result<(), Error> {
        check_key(object)?;
        let bucket = self.bucket(&object.bucket)?;
        let action = bucket.delete_object(Some(&self.credentials), &object.key);
        match self.client.ask(Method::Delete, &|| action.sign(SIGNED_FOR).into(), Body::None) {
            Err(problem) if problem.is("NoSuchBucket") || problem.is("NoSuchKey") => Ok(()),
            done => done.map(drop).map_err(|problem| self.error("delete", object, &problem)),
        }
    }

    fn address(&self, place: &S3Uri) -> String {
        format!("{}/{}/{}", self.url, place.bucket, place.key)
    }
}

/// A part of a file, from its beginning: what a request reads may be sent again.
fn part(mut file: &File, from: u64, length: u64) -> io::Result<io::Take<&File>> {
    file.seek(SeekFrom::Start(from))?;
    Ok(file.take(length))
}

#[cfg(test)]
mod tests;
