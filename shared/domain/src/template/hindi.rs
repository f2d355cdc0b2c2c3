//! The pack in Hindi.

use super::words::{Answers, Bodies, PayButton, Words};

pub(super) const WORDS: Words = Words {
    bodies: Bodies {
        upcoming: "नमस्ते {{customer_name}}, {{business_name}} की ओर से एक विनम्र सूचना, इन बिलों की देय तिथि \
           निकट है: {{invoice_list}}। कुल राशि {{total}} है। यदि भुगतान हो चुका है, तो कृपया हमें \
           बताएँ। धन्यवाद।",
        due_today: "नमस्ते {{customer_name}}, {{business_name}} की ओर से एक विनम्र सूचना, इन बिलों की देय तिथि आज \
            है: {{invoice_list}}। कुल राशि {{total}} है। यदि भुगतान हो चुका है, तो कृपया हमें बताएँ। धन्यवाद।",
        overdue_gentle: "नमस्ते {{customer_name}}, यह संदेश {{business_name}} की ओर से है। हमारे रिकॉर्ड के अनुसार \
           इनकी देय तिथि बीत चुकी है: {{invoice_list}}। कुल राशि {{total}} है। यदि भुगतान हो चुका है, \
           तो कृपया हमें बताएँ और हमारा धन्यवाद स्वीकार करें।",
        overdue_firm: "नमस्ते {{customer_name}}, {{business_name}} को अब भी इनके भुगतान की प्रतीक्षा है: \
           {{invoice_list}}। कुल राशि {{total}} है। कृपया अभी भुगतान करें या कोई तारीख बताएँ। यदि \
           भुगतान हो चुका है, तो कृपया हमें बताएँ।",
        overdue_final: "नमस्ते {{customer_name}}, {{business_name}} की ओर से इनके बारे में यह अंतिम अनुस्मारक है: \
           {{invoice_list}}। कुल राशि {{total}} है। कृपया आज ही भुगतान करें या उत्तर दें ताकि हम मिलकर \
           कोई हल निकाल सकें। यदि भुगतान हो चुका है, तो कृपया हमें बताएँ।",
        statement: "नमस्ते {{customer_name}}, यह {{business_name}} के साथ आपके खाते का विवरण है। इनकी देय तिथि बीत चुकी \
            है: {{invoice_list}}। कुल राशि {{total}} है। यदि भुगतान हो चुका है, तो कृपया हमें बताएँ। धन्यवाद।",
        promise_missed: "नमस्ते {{customer_name}}, {{business_name}} को जिस भुगतान का वादा किया गया था, वह अभी तक \
           नहीं मिला है: {{invoice_list}}। कुल राशि {{total}} है। यदि भुगतान हो चुका है, तो कृपया हमें \
           बताएँ; नहीं तो कृपया नई तारीख बताएँ।",
        thank_you: "नमस्ते {{customer_name}}, {{business_name}} को आपका {{paid_amount}} का भुगतान मिल गया है। \
           धन्यवाद।",
        part_payment: "नमस्ते {{customer_name}}, {{business_name}} को आपका {{paid_amount}} का भुगतान मिल गया है। \
           धन्यवाद। अब भी बकाया, जिनकी देय तिथि बीत चुकी है: {{invoice_list}}। कुल राशि {{total}} है। यदि भुगतान \
           हो चुका है, तो कृपया हमें बताएँ।",
    },
    footer: "ये सूचनाएँ बंद करने के लिए STOP लिखें।",
    attached: "बिल संलग्न है।",
    answers: Answers {
        leads: "कृपया नीचे से एक उत्तर चुनें या हमें लिखें।", labels: ["भुगतान हो गया", "तारीख पर भुगतान", "सवाल"]
    },
    pay: PayButton {
        leads: "आप नीचे बिल देख और चुका सकते हैं।", label: ["बिल देखें और चुकाएँ"]
    },
};
